import BuildDomain
import Crypto
import Orchestration
import Synchronization
import Testing

/// What a build can have gone through, one of each.
struct Everything {
    var pending: BuildID
    var running: AttemptReference
    var succeeded: AttemptReference
    var failed: AttemptReference
    var canceled: AttemptReference
    /// Its first attempt failed, its second was lost, its third succeeded.
    var retried: [AttemptReference]

    static let lines = Fixture.chunk(1...4)
    static let builds = 6
    static let attempts = 7
}

extension Fixture {
    /// An end whose seal is that of a log of these chunks.
    static func sealed(
        _ outcome: AttemptStatus = .success, reason: Reason? = nil, chunks: [LogChunk]
    ) -> AttemptEnd {
        AttemptEnd(
            outcome: outcome, reason: reason, exitCode: outcome == .success ? 0 : 1,
            seal: LogSeal(
                extent: chunks.last?.end ?? LogExtent(),
                sha256: hexadecimal(SHA256.hash(data: chunks.flatMap(\.text)))))
    }
}

extension StoreUnderTest {
    static let chunks = [Fixture.chunk(1...4), Fixture.chunk(5...9), Fixture.chunk(10...10)]

    func everything() async throws -> Everything {
        let succeeded = try await logged()
        try await finish(succeeded, Fixture.sealed(chunks: Self.chunks))
        let failed = try await logged()
        try await finish(failed, Fixture.sealed(.failed, reason: .script, chunks: Self.chunks))
        let canceled = try await logged()
        try await cancel(canceled.build)
        try await finish(canceled, Fixture.sealed(.canceled, reason: .canceled, chunks: Self.chunks))
        var retried = [try await logged(Fixture.seed([Fixture.spec(maxAttempts: 2)]))]
        try await finish(retried[0], Fixture.sealed(.failed, reason: .script, chunks: Self.chunks))
        retried += try await claim()
        try await append(to: retried[1])
        try await lose(retried[1])
        retried += try await claim()
        try await finish(retried[2], Fixture.sealed(chunks: []))
        let running = try await logged()
        let pending = try await submit().id
        return Everything(
            pending: pending, running: running, succeeded: succeeded, failed: failed, canceled: canceled,
            retried: retried)
    }

    func verify(_ id: BuildID? = nil) async throws -> (findings: [HistoryFinding], counts: HistoryCheckCounts) {
        let findings = Mutex<[HistoryFinding]>([])
        let verify = VerifyHistory(store: store)
        let report = { (finding: HistoryFinding) in findings.withLock { $0.append(finding) } }
        let counts =
            if let id { try await verify.one(id, report: report) } else { try await verify.all(report: report) }
        return (findings.withLock { $0 }, counts)
    }

    func logged(_ seed: BuildSeed = Fixture.seed()) async throws -> AttemptReference {
        let attempt = try await start(seed)
        try await append(to: attempt)
        return attempt
    }

    private func append(to attempt: AttemptReference) async throws {
        for chunk in Self.chunks { _ = try await store.append(chunk, to: attempt.attempt) }
    }
}

/// What those who write have done so far, told to those who read meanwhile.
final class Writers: Sendable {
    private let state = Mutex((areDone: false, acknowledged: Set<BuildID>()))

    var areDone: Bool { state.withLock { $0.areDone } }
    /// The builds whose end was answered.
    var acknowledged: Set<BuildID> { state.withLock { $0.acknowledged } }

    func finish() { state.withLock { $0.areDone = true } }
    func acknowledge(_ build: BuildID) { state.withLock { _ = $0.acknowledged.insert(build) } }
}
