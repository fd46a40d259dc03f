import BuildDomain
import TestSupport

/// A time `seconds` after a fixed beginning.
func time(_ seconds: Int64 = 0) -> Timestamp { Timestamp(milliseconds: 1_769_850_300_000 + seconds * 1000) }

/// Ids that differ by their number.
func id<Kind>(_ number: UInt64) -> Identifier<Kind> { Identifier(at: time(), random: (0, number)) }

let worker = WorkerReference(id: id(900), name: "worker-1")

/// A job to submit: `name`, the names it needs, and how often its script may be executed.
func job(_ name: String, needs: [String] = [], maxAttempts: Int = 1) -> JobSpec {
    JobSpec(
        name: name, needs: needs, steps: [.checkout, .run(command: "make \(name)")], timeoutSeconds: 60,
        maxAttempts: maxAttempts)
}

/// A new build of these jobs, whose ids are 1, 2, 3 … in their order.
func build(of jobs: [JobSpec] = [job("build")]) -> Build {
    let seed = BuildSeed(
        id: id(1000), repository: RepositoryURL(accepted: "https://example.com/r.git"), ref: GitRef(accepted: "main"),
        command: "make", priority: 0,
        jobs: jobs.enumerated().map { JobSeed(id: id(UInt64($0.offset) + 1), spec: $0.element) })
    return Build(seed: seed, at: time())
}

extension Build {
    func status(of name: String) -> JobStatus? { jobs.first { $0.spec.name == name }?.status }

    func job(_ name: String) -> Job? { jobs.first { $0.spec.name == name } }

    /// A worker takes the job of that name.
    @discardableResult
    mutating func start(_ name: String = "build", at now: Timestamp = time(1)) throws(Refusal) -> AttemptID {
        let count = jobs.reduce(0) { $0 + $1.attempts.count }
        let attempt: AttemptID = BuildDomainTests.id(UInt64(2000 + count))
        let job: JobID = self.job(name)?.id ?? BuildDomainTests.id(99)
        try claim(job: job, attempt: attempt, worker: worker, lease: .seconds(20), at: now)
        return attempt
    }

    /// As a use case does it, with retries at once.
    mutating func finish(
        attempt: AttemptID, progress: AttemptProgress, end: AttemptEnd, stored: LogExtent, at now: Timestamp
    ) throws(Refusal) {
        try finish(
            attempt: attempt, progress: progress, end: end, stored: stored, retry: .immediate, random: 0, at: now)
    }

    mutating func lose(attempt: AttemptID, error: String, at now: Timestamp) throws(Refusal) {
        try lose(attempt: attempt, error: error, retry: .immediate, random: 0, at: now)
    }

    /// The worker ends the attempt, having printed nothing.
    mutating func end(
        _ attempt: AttemptID, _ outcome: AttemptStatus = .success, _ reason: Reason? = nil, code: Int? = nil,
        at now: Timestamp = time(2)
    ) throws(Refusal) {
        let end = AttemptEnd(outcome: outcome, reason: reason, exitCode: code, seal: .empty)
        try finish(attempt: attempt, progress: progress(), end: end, stored: LogExtent(), at: now)
    }
}

func progress(_ commit: CommitSHA? = nil) -> AttemptProgress {
    AttemptProgress(commit: commit, steps: [Step(name: "checkout"), Step(name: "make")])
}

let someCommit = CommitSHA(String(repeating: "ab", count: 20))
