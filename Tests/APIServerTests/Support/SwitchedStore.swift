import BuildDomain
import Orchestration
import Synchronization

/// A store that can be made to fail, like a database that is away.
final class SwitchedStore: Store {
    private let base: any Store
    private let failure = Mutex<StoreError?>(nil)

    init(_ base: any Store) { self.base = base }

    func fail(with error: StoreError?) { failure.withLock { $0 = error } }

    private func pass() throws(StoreError) {
        if let error = failure.withLock({ $0 }) { throw error }
    }

    func check() async throws(StoreError) {
        try pass()
        try await base.check()
    }

    func close() async { await base.close() }

    func insert(
        key: IdempotencyKey?, _ make: @escaping @Sendable (Timestamp) -> Build
    ) async throws(StoreError) -> Insertion {
        try pass()
        return try await base.insert(key: key, make)
    }

    func change<Answer: Sendable>(
        _ target: ChangeTarget, _ decide: @escaping Decision<Answer>
    ) async throws(StoreError) -> Answer {
        try pass()
        return try await base.change(target, decide)
    }

    func claim<Answer: Sendable>(
        _ filter: ClaimFilter, _ take: @escaping @Sendable (inout Build, JobID, Timestamp) throws(Refusal) -> Answer
    ) async throws(StoreError) -> [Answer] {
        try pass()
        return try await base.claim(filter, take)
    }

    func build(_ id: BuildID) async throws(StoreError) -> Build {
        try pass()
        return try await base.build(id)
    }

    func builds(_ query: BuildQuery) async throws(StoreError) -> [Build] {
        try pass()
        return try await base.builds(query)
    }

    func history(of id: BuildID) async throws(StoreError) -> [RecordedEvent] { try await base.history(of: id) }

    func statistics() async throws(StoreError) -> StoreStatistics {
        try pass()
        return try await base.statistics()
    }
}

extension SwitchedStore {
    func renew(
        _ attempts: [AttemptID], of worker: WorkerID, for lease: Duration
    ) async throws(StoreError) -> [AttemptID: LeaseAnswer] {
        try pass()
        return try await base.renew(attempts, of: worker, for: lease)
    }

    func expiredAttempts(limit: Int) async throws(StoreError) -> [AttemptReference] {
        try await base.expiredAttempts(limit: limit)
    }

    func overdue(_ what: Overdue, limit: Int) async throws(StoreError) -> [BuildID] {
        try await base.overdue(what, limit: limit)
    }

    func jobsAhead(of job: Job, in build: Build) async throws(StoreError) -> Int {
        try await base.jobsAhead(of: job, in: build)
    }

    func untilNextRetry() async throws(StoreError) -> Duration? { try await base.untilNextRetry() }

    func liveAttempts(of worker: WorkerID) async throws(StoreError) -> [AttemptReference] {
        try await base.liveAttempts(of: worker)
    }

    func append(_ chunk: LogChunk, to attempt: AttemptID) async throws(StoreError) -> LogExtent {
        try pass()
        return try await base.append(chunk, to: attempt)
    }

    func log(of attempt: AttemptID, from first: Int64, byteLimit: Int) async throws(StoreError) -> [LogChunk] {
        try pass()
        return try await base.log(of: attempt, from: first, byteLimit: byteLimit)
    }

    func extent(of attempt: AttemptID) async throws(StoreError) -> LogExtent { try await base.extent(of: attempt) }

    func register(_ worker: Worker) async throws(StoreError) {
        try pass()
        try await base.register(worker)
    }

    func touch(_ worker: WorkerID, isDraining: Bool) async throws(StoreError) {
        try pass()
        try await base.touch(worker, isDraining: isDraining)
    }

    func workers() async throws(StoreError) -> (now: Timestamp, workers: [(worker: Worker, running: Int)]) {
        try pass()
        return try await base.workers()
    }

    func insert(
        id: TokenID, name: String, role: Role, digest: [UInt8], lifetime: Duration?
    ) async throws(StoreError) -> AccessToken {
        try await base.insert(id: id, name: name, role: role, digest: digest, lifetime: lifetime)
    }

    func token(digest: [UInt8]) async throws(StoreError) -> (now: Timestamp, token: AccessToken)? {
        try pass()
        return try await base.token(digest: digest)
    }

    func tokens() async throws(StoreError) -> [AccessToken] { try await base.tokens() }

    func revoke(_ id: TokenID) async throws(StoreError) { try await base.revoke(id) }
}
