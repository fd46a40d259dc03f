import BuildDomain
import MemoryStore
import Orchestration

/// A server's connection to the shared store: slow, now and then away, and sometimes broken just before or just after
/// the commit.
struct SimulatedStore: Store {
    let world: World
    let node: Node

    private var store: MemoryStore { world.store }

    private func ask<Answer>(
        _ what: StaticString, writes: Bool = true, _ body: () async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        await wire()
        if world.storeIsAway || world.strikes(.store, world.plan.storeBefore) { throw .unavailable("simulated") }
        let answer: Answer
        do { answer = try await body() } catch {
            world.scheduler.note("\(node.name) \(what) refused")
            throw error
        }
        if writes { world.scheduler.note("\(node.name) \(what)") }
        await wire()
        if writes, world.strikes(.store, world.plan.storeAfter) { throw .outcomeUnknown("simulated") }
        return answer
    }

    /// A few milliseconds on the way.
    private func wire() async {
        let clock = NodeClock(scheduler: world.scheduler, node: node)
        do { try await clock.sleep(for: .milliseconds(world.scheduler.random.pick(0...3))) } catch {
            // A call that is given up still reaches the store.
            return
        }
    }

    func insert(
        key: IdempotencyKey?, _ make: @escaping @Sendable (Timestamp) -> Build
    ) async throws(StoreError) -> Insertion {
        try await ask("insert") { () async throws(StoreError) in try await store.insert(key: key, make) }
    }

    func change<Answer: Sendable>(
        _ target: ChangeTarget, _ decide: @escaping Decision<Answer>
    ) async throws(StoreError) -> Answer {
        try await ask("change") { () async throws(StoreError) in try await store.change(target, decide) }
    }

    func claim<Answer: Sendable>(
        _ filter: ClaimFilter,
        _ take: @escaping @Sendable (inout Build, JobID, Timestamp) throws(Refusal) -> Answer
    ) async throws(StoreError) -> [Answer] {
        try await ask("claim") { () async throws(StoreError) in try await store.claim(filter, take) }
    }

    func build(_ id: BuildID) async throws(StoreError) -> Build {
        try await ask("build", writes: false) { () async throws(StoreError) in try await store.build(id) }
    }

    func builds(_ query: BuildQuery) async throws(StoreError) -> [Build] {
        try await ask("builds", writes: false) { () async throws(StoreError) in try await store.builds(query) }
    }

    func history(of id: BuildID) async throws(StoreError) -> [RecordedEvent] {
        try await ask("history", writes: false) { () async throws(StoreError) in try await store.history(of: id) }
    }

    func statistics() async throws(StoreError) -> StoreStatistics {
        try await ask("statistics", writes: false) { () async throws(StoreError) in try await store.statistics() }
    }

    func renew(
        _ attempts: [AttemptID], of worker: WorkerID, for lease: Duration
    ) async throws(StoreError) -> [AttemptID: LeaseAnswer] {
        let answers = try await ask("renew") { () async throws(StoreError) in
            let answers = try await store.renew(attempts, of: worker, for: lease)
            for (attempt, answer) in answers where answer != .stale { world.checker.renewed(attempt, for: lease) }
            return answers
        }
        return answers
    }

    func expiredAttempts(limit: Int) async throws(StoreError) -> [AttemptReference] {
        try await ask("expired", writes: false) { () async throws(StoreError) in
            try await store.expiredAttempts(limit: limit)
        }
    }

    func overdue(_ what: Overdue, limit: Int) async throws(StoreError) -> [BuildID] {
        try await ask("overdue", writes: false) { () async throws(StoreError) in
            try await store.overdue(what, limit: limit)
        }
    }

    func jobsAhead(of job: Job, in build: Build) async throws(StoreError) -> Int {
        try await ask("ahead", writes: false) { () async throws(StoreError) in
            try await store.jobsAhead(of: job, in: build)
        }
    }

    func untilNextRetry() async throws(StoreError) -> Duration? {
        try await ask("until", writes: false) { () async throws(StoreError) in try await store.untilNextRetry() }
    }

    func liveAttempts(of worker: WorkerID) async throws(StoreError) -> [AttemptReference] {
        try await ask("live", writes: false) { () async throws(StoreError) in try await store.liveAttempts(of: worker) }
    }

    func append(_ chunk: LogChunk, to attempt: AttemptID) async throws(StoreError) -> LogExtent {
        try await ask("append") { () async throws(StoreError) in try await store.append(chunk, to: attempt) }
    }

    func log(of attempt: AttemptID, from first: Int64, byteLimit: Int) async throws(StoreError) -> [LogChunk] {
        try await ask("log", writes: false) { () async throws(StoreError) in
            try await store.log(of: attempt, from: first, byteLimit: byteLimit)
        }
    }

    func extent(of attempt: AttemptID) async throws(StoreError) -> LogExtent {
        try await ask("extent", writes: false) { () async throws(StoreError) in try await store.extent(of: attempt) }
    }

    func register(_ worker: BuildDomain.Worker) async throws(StoreError) {
        try await ask("register") { () async throws(StoreError) in try await store.register(worker) }
    }

    func touch(_ worker: WorkerID, isDraining: Bool) async throws(StoreError) {
        try await ask("touch") { () async throws(StoreError) in
            try await store.touch(worker, isDraining: isDraining)
        }
    }

    func workers() async throws(StoreError) -> (now: Timestamp, workers: [(worker: BuildDomain.Worker, running: Int)]) {
        try await ask("workers", writes: false) { () async throws(StoreError) in try await store.workers() }
    }

    func insert(
        id: TokenID, name: String, role: Role, digest: [UInt8], lifetime: Duration?
    ) async throws(StoreError) -> AccessToken {
        try await store.insert(id: id, name: name, role: role, digest: digest, lifetime: lifetime)
    }

    func token(digest: [UInt8]) async throws(StoreError) -> (now: Timestamp, token: AccessToken)? {
        try await store.token(digest: digest)
    }

    func tokens() async throws(StoreError) -> [AccessToken] { try await store.tokens() }

    func revoke(_ id: TokenID) async throws(StoreError) { try await store.revoke(id) }

    func check() async throws(StoreError) {
        try await ask("check", writes: false) { () async throws(StoreError) in try await store.check() }
    }

    func close() async {}
}
