import BuildDomain
import MemoryStore
import Orchestration
import Synchronization
import TestSupport
import Testing

/// A control plane over a store in memory, whose only clock the test moves.
struct House {
    let clock = ManualClock()
    let hub = SignalHub()
    /// What the switchable one switches off.
    let memory: MemoryStore
    let store: SwitchableStore
    let services: Services
    let leases = LeaseSettings()

    /// - Parameter limits: what submits may ask for.
    init(limits: SubmitLimits = SubmitLimits()) {
        memory = MemoryStore(hub: hub, clock: clock)
        store = SwitchableStore(memory)
        services = Services(
            store: store, hub: hub, surroundings: Surroundings(timekeeper: clock, entropy: SeededEntropy()),
            limits: limits, leases: leases)
    }

    /// Another server on the same store.
    func neighbour() -> Services {
        Services(
            store: store, hub: hub, surroundings: Surroundings(timekeeper: clock, entropy: SeededEntropy(seed: 2)),
            limits: SubmitLimits(), leases: leases)
    }

    /// Submits a build that may be tried `maxAttempts` times.
    @discardableResult
    func submit(priority: Int? = nil, labels: [String] = [], maxAttempts: Int? = nil) async throws -> Build {
        var submission = submission
        submission.priority = priority
        submission.labels = labels
        submission.maxAttempts = maxAttempts
        return try await services.submitBuild(submission, key: nil).build
    }

    /// Claims without waiting.
    func claim(_ worker: WorkerReference = worker, labels: [String] = [], limit: Int = 1) async throws -> [Assignment] {
        try await services.controlPlane.claim(
            ClaimRequest(
                worker: worker, labels: Set(labels.map { Label(accepted: $0) }), limit: limit, waitMilliseconds: 0))
    }

    /// Submits a build and has its job claimed.
    func started(maxAttempts: Int? = nil) async throws -> AttemptReference {
        try await submit(maxAttempts: maxAttempts)
        return try #require(try await claim().first).reference
    }

    func status(of attempt: AttemptReference) async throws -> BuildStatus {
        try await store.build(attempt.build).status
    }
}

let worker = WorkerReference(id: WorkerID(high: 1, low: 1), name: "worker-1")
let submission = Submission(repository: "https://example.com/r.git", ref: "main", command: "make test")

/// A chunk of these lines.
func chunk(_ lines: [String], after extent: LogExtent = LogExtent()) -> LogChunk {
    let text = Array(lines.map { $0 + "\n" }.joined().utf8)
    let run = LogRun(
        time: Timestamp(milliseconds: 0), stream: .stdout, step: 2, lines: lines.count, bytes: text.count)
    return LogChunk(
        offset: extent.length, firstLine: extent.lines + 1, runs: lines.isEmpty ? [] : [run], text: text)
}

/// What a worker reports that has printed `lines` and ended so.
func end(_ outcome: AttemptStatus = .success, _ reason: Reason? = nil, lines: [String] = []) -> AttemptEnd {
    AttemptEnd(outcome: outcome, reason: reason, exitCode: outcome == .success ? 0 : 1, seal: seal(of: lines))
}

let noProgress = AttemptProgress(commit: nil, steps: [])

/// All of a store, which can be cut off, and counts how often a token was looked up.
final class SwitchableStore: Store {
    private struct State {
        var isAway = false
        var tokenReads = 0
        var failing: (build: BuildID, error: StoreError)?
    }

    private let inner: any Store
    private let state = Mutex(State())

    init(_ inner: any Store) { self.inner = inner }

    var tokenReads: Int { state.withLock { $0.tokenReads } }

    func goAway(_ isAway: Bool = true) { state.withLock { $0.isAway = isAway } }

    /// Changes of that build, and of no other, fail.
    func failChanges(of build: BuildID?, with error: StoreError) {
        state.withLock { $0.failing = build.map { ($0, error) } }
    }

    private var reached: any Store {
        get throws(StoreError) {
            if state.withLock({ $0.isAway }) { throw .unavailable("away") }
            return inner
        }
    }

    func insert(
        key: IdempotencyKey?, _ make: @escaping @Sendable (Timestamp) -> Build
    ) async throws(StoreError) -> Insertion { try await reached.insert(key: key, make) }

    func change<Answer: Sendable>(
        _ target: ChangeTarget, _ decide: @escaping Decision<Answer>
    ) async throws(StoreError) -> Answer {
        if let failing = state.withLock({ $0.failing }), failing.build == target.build { throw failing.error }
        return try await reached.change(target, decide)
    }

    func claim<Answer: Sendable>(
        _ filter: ClaimFilter, _ take: @escaping @Sendable (inout Build, JobID, Timestamp) throws(Refusal) -> Answer
    ) async throws(StoreError) -> [Answer] { try await reached.claim(filter, take) }

    func build(_ id: BuildID) async throws(StoreError) -> Build { try await reached.build(id) }
    func builds(_ query: BuildQuery) async throws(StoreError) -> [Build] { try await reached.builds(query) }
    func history(of id: BuildID) async throws(StoreError) -> [RecordedEvent] { try await reached.history(of: id) }
    func statistics() async throws(StoreError) -> StoreStatistics { try await reached.statistics() }

    func renew(
        _ attempts: [AttemptID], of worker: WorkerID, for lease: Duration
    ) async throws(StoreError) -> [AttemptID: LeaseAnswer] { try await reached.renew(attempts, of: worker, for: lease) }

    func expiredAttempts(limit: Int) async throws(StoreError) -> [AttemptReference] {
        try await reached.expiredAttempts(limit: limit)
    }

    func overdue(_ what: Overdue, limit: Int) async throws(StoreError) -> [BuildID] {
        try await reached.overdue(what, limit: limit)
    }

    func jobsAhead(of job: Job, in build: Build) async throws(StoreError) -> Int {
        try await reached.jobsAhead(of: job, in: build)
    }

    func untilNextRetry() async throws(StoreError) -> Duration? { try await reached.untilNextRetry() }

    func liveAttempts(of worker: WorkerID) async throws(StoreError) -> [AttemptReference] {
        try await reached.liveAttempts(of: worker)
    }

    func append(_ chunk: LogChunk, to attempt: AttemptID) async throws(StoreError) -> LogExtent {
        try await reached.append(chunk, to: attempt)
    }

    func log(of attempt: AttemptID, from first: Int64, byteLimit: Int) async throws(StoreError) -> [LogChunk] {
        try await reached.log(of: attempt, from: first, byteLimit: byteLimit)
    }

    func extent(of attempt: AttemptID) async throws(StoreError) -> LogExtent { try await reached.extent(of: attempt) }
    func register(_ worker: Worker) async throws(StoreError) { try await reached.register(worker) }

    func touch(_ worker: WorkerID, isDraining: Bool) async throws(StoreError) {
        try await reached.touch(worker, isDraining: isDraining)
    }

    func workers() async throws(StoreError) -> (now: Timestamp, workers: [(worker: Worker, running: Int)]) {
        try await reached.workers()
    }

    func insert(
        id: TokenID, name: String, role: Role, digest: [UInt8], lifetime: Duration?
    ) async throws(StoreError) -> AccessToken {
        try await reached.insert(id: id, name: name, role: role, digest: digest, lifetime: lifetime)
    }

    func token(digest: [UInt8]) async throws(StoreError) -> (now: Timestamp, token: AccessToken)? {
        state.withLock { $0.tokenReads += 1 }
        return try await reached.token(digest: digest)
    }

    func tokens() async throws(StoreError) -> [AccessToken] { try await reached.tokens() }
    func revoke(_ id: TokenID) async throws(StoreError) { try await reached.revoke(id) }
    func check() async throws(StoreError) { try await reached.check() }
    func close() async { await inner.close() }
}
