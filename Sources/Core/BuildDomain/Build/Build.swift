/// One run of one commit. The aggregate: its jobs and their attempts change only through it, and only by events.
///
/// Each operation (files beside this one) first checks, then records events; ``record(_:at:)`` is the single place that
/// changes state. A store loads a build, lets one operation run, and writes rows and ``recorded`` events together.
public struct Build: Sendable, Hashable {
    public let id: BuildID
    public let repository: RepositoryURL
    public let ref: GitRef
    public let command: String?
    public let priority: Int
    public internal(set) var commit: CommitSHA?
    public internal(set) var status: BuildStatus
    public internal(set) var result: BuildResult
    public internal(set) var cancelRequestedAt: Timestamp?
    public let createdAt: Timestamp
    public internal(set) var startedAt: Timestamp?
    public internal(set) var finishedAt: Timestamp?
    public internal(set) var updatedAt: Timestamp
    /// In the order they were submitted.
    public internal(set) var jobs: [Job]
    /// What happened since the build was loaded, in order.
    public internal(set) var recorded: [RecordedEvent] = []

    /// Takes back a build as a store kept it.
    public init(
        id: BuildID, repository: RepositoryURL, ref: GitRef, command: String?, priority: Int, commit: CommitSHA?,
        status: BuildStatus, result: BuildResult, cancelRequestedAt: Timestamp?, createdAt: Timestamp,
        startedAt: Timestamp?, finishedAt: Timestamp?, updatedAt: Timestamp, jobs: [Job]
    ) {
        self.id = id
        self.repository = repository
        self.ref = ref
        self.command = command
        self.priority = priority
        self.commit = commit
        self.status = status
        self.result = result
        self.cancelRequestedAt = cancelRequestedAt
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.updatedAt = updatedAt
        self.jobs = jobs
    }

    /// A new build: jobs without needs are pending, the others wait.
    public init(seed: BuildSeed, at now: Timestamp) {
        id = seed.id
        repository = seed.repository
        ref = seed.ref
        command = seed.command
        priority = seed.priority
        commit = seed.ref.commit
        status = .pending
        result = BuildResult()
        createdAt = now
        updatedAt = now
        jobs = seed.jobs.map { job in
            Job(
                id: job.id, spec: job.spec, status: job.spec.needs.isEmpty ? .pending : .waiting, notBefore: now,
                pendingSince: job.spec.needs.isEmpty ? now : nil, startedAt: nil, finishedAt: nil, attempts: [])
        }
        recorded = [RecordedEvent(at: now, event: .submitted(seed))]
    }

    /// Rebuilds a build from its whole history.
    /// - Returns: `nil` where the history does not begin with a submit.
    /// - Throws: ``Refusal/illegalTransition(of:from:event:)`` at the first event that the one before does not allow.
    public init?(replaying history: [RecordedEvent]) throws(Refusal) {
        guard let first = history.first, case .submitted(let seed) = first.event else { return nil }
        self.init(seed: seed, at: first.at)
        for entry in history.dropFirst() { try evolve(entry.event, at: entry.at) }
        recorded = []
    }

    /// A copy without recorded events, equal to what a store gives back.
    public var withoutRecorded: Build {
        var copy = self
        copy.recorded = []
        return copy
    }

    /// A copy in which no lease was ever renewed: where two of them are equal, nothing happened between them.
    public var withoutLeases: Build {
        var copy = self
        for job in copy.jobs.indices {
            for attempt in copy.jobs[job].attempts.indices {
                copy.jobs[job].attempts[attempt].lease = Lease(expiresAt: Timestamp(milliseconds: 0))
            }
        }
        return copy
    }

    mutating func record(_ event: BuildEvent, at now: Timestamp) throws(Refusal) {
        try evolve(event, at: now)
        recorded.append(RecordedEvent(at: now, event: event))
    }
}
