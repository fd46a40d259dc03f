import BuildDomain
import Orchestration
import Synchronization

/// Ids that grow with every call, so that "older" is certain in tests.
enum Fresh {
    private static let counter = Mutex<Int64>(0)

    static func id<Kind>() -> Identifier<Kind> {
        let count = counter.withLock { count in
            count += 1
            return count
        }
        return Identifier(at: Timestamp(milliseconds: 1_700_000_000_000 + count), random: (0, UInt64(count)))
    }
}

enum Fixture {
    static let worker = WorkerReference(id: Fresh.id(), name: "worker-1")
    static let commit = String(repeating: "a", count: 40)

    static func spec(
        _ name: String = "build", needs: [String] = [], labels: [String] = [], command: String = "make test",
        maxAttempts: Int = 1
    ) -> JobSpec {
        JobSpec(
            name: name, needs: needs, labels: Set(labels.map(Label.init(accepted:))),
            steps: [.checkout, .run(command: command)], environment: ["LANG": "C", "Grüße": "\"quoted\"\n\u{1}\\ 🙂"],
            timeoutSeconds: 60, maxAttempts: maxAttempts)
    }

    static func seed(
        _ jobs: [JobSpec] = [spec()], priority: Int = 0, repository: String = "https://example.org/repo.git",
        ref: String = "main"
    ) -> BuildSeed {
        BuildSeed(
            id: Fresh.id(), repository: RepositoryURL(accepted: repository), ref: GitRef(accepted: ref),
            command: "make test", priority: priority, jobs: jobs.map { JobSeed(id: Fresh.id(), spec: $0) })
    }

    static func end(
        _ outcome: AttemptStatus = .success, reason: Reason? = nil, exitCode: Int? = 0, extent: LogExtent = LogExtent()
    ) -> AttemptEnd {
        AttemptEnd(
            outcome: outcome, reason: reason, exitCode: exitCode,
            seal: LogSeal(extent: extent, sha256: LogSeal.empty.sha256))
    }

    static func progress(_ outcome: StepOutcome? = .success) -> AttemptProgress {
        let time = Timestamp(milliseconds: 1_700_000_000_123)
        let steps = ["checkout", "make test"].map { name in
            Step(
                name: name, startedAt: time, finishedAt: outcome == nil ? nil : time, outcome: outcome,
                conclusion: outcome, exitCode: outcome == nil ? nil : 0)
        }
        return AttemptProgress(commit: CommitSHA(commit), steps: steps)
    }

    /// A chunk of numbered lines: number `n` reads `line n`.
    static func chunk(_ lines: ClosedRange<Int>, at offset: Int64, firstLine: Int64? = nil) -> LogChunk {
        let text = Array(lines.map { "line \($0)\n" }.joined().utf8)
        let run = LogRun(
            time: Timestamp(milliseconds: 1_700_000_000_000), stream: .stdout, step: 2, lines: lines.count,
            bytes: text.count)
        return LogChunk(offset: offset, firstLine: firstLine ?? Int64(lines.lowerBound), runs: [run], text: text)
    }

    /// The chunk of those lines at its place in the log of all such lines.
    static func chunk(_ lines: ClosedRange<Int>) -> LogChunk {
        let before = lines.lowerBound == 1 ? 0 : chunk(1...(lines.lowerBound - 1), at: 0).text.count
        return chunk(lines, at: Int64(before))
    }
}
