import BuildDomain

/// What an operation may know of the store besides the build.
public struct ChangeContext: Sendable {
    /// By the store's clock; the only clock that decides leases.
    public var now: Timestamp
    /// What is stored of the log of the attempt that was named, and no append can change it before the operation is
    /// written.
    public var log: LogExtent

    public init(now: Timestamp, log: LogExtent) {
        self.now = now
        self.log = log
    }
}

/// Which build to change, and on behalf of which attempt.
public struct ChangeTarget: Sendable, Hashable {
    public var build: BuildID
    /// Set for writes by a worker.
    public var attempt: AttemptID?

    public init(build: BuildID, attempt: AttemptID? = nil) {
        self.build = build
        self.attempt = attempt
    }
}

/// Who asks for jobs, and for how many.
public struct ClaimFilter: Sendable, Hashable {
    public var worker: WorkerReference
    public var labels: Set<Label>
    public var limit: Int

    public init(worker: WorkerReference, labels: Set<Label>, limit: Int) {
        self.worker = worker
        self.labels = labels
        self.limit = limit
    }
}

/// A repeated submit with the same key returns the first build instead of making another.
public struct IdempotencyKey: Sendable, Hashable {
    /// What the client chose.
    public var key: String
    /// SHA-256 (hexadecimal) of what was submitted, to tell a repetition from a mistake.
    public var fingerprint: String

    public init(key: String, fingerprint: String) {
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// What became of a submit.
public enum Insertion: Sendable, Equatable {
    case inserted(Build)
    /// The key was used before for the same submission.
    case repeated(Build)
    /// The key was used before for another submission.
    case keyTaken(BuildID)
}

/// Builds newest first, one page of them.
public struct BuildQuery: Sendable, Hashable {
    public var status: BuildStatus?
    public var repository: String?
    public var ref: String?
    /// Only builds older than this one.
    public var before: BuildID?
    public var limit: Int

    public init(
        status: BuildStatus? = nil, repository: String? = nil, ref: String? = nil, before: BuildID? = nil, limit: Int
    ) {
        self.status = status
        self.repository = repository
        self.ref = ref
        self.before = before
        self.limit = limit
    }
}

/// Figures for `/metrics`.
public struct StoreStatistics: Sendable, Equatable {
    public var builds: [BuildStatus: Int]
    /// Jobs that a worker could take now.
    public var pendingJobs: Int
    /// How long the oldest of them has been waiting.
    public var oldestPendingAge: Duration

    public init(builds: [BuildStatus: Int], pendingJobs: Int, oldestPendingAge: Duration) {
        self.builds = builds
        self.pendingJobs = pendingJobs
        self.oldestPendingAge = oldestPendingAge
    }
}

/// An operation on one build; runs while the build is locked, so it must be quick and pure. A store may run it more
/// than once when it has to repeat a transaction; only the last run counts.
public typealias Decision<Answer> = @Sendable (inout Build, ChangeContext) throws(Refusal) -> Answer

/// Keeps builds, with their jobs, attempts and history. A change is atomic and durable when the call returns; after it,
/// the store signals who waits (`SignalHub`).
public protocol BuildStore: Sendable {
    /// Writes a new build, made with the store's time.
    func insert(
        key: IdempotencyKey?, _ make: @escaping @Sendable (Timestamp) -> Build
    ) async throws(StoreError) -> Insertion

    /// Loads a build, lets `decide` change it, and writes rows and events in one transaction.
    func change<Answer: Sendable>(
        _ target: ChangeTarget, _ decide: @escaping Decision<Answer>
    ) async throws(StoreError) -> Answer

    /// Picks up to `filter.limit` claimable jobs (pending, not backing off, labels all among the worker's) by priority,
    /// then age, lets `take` claim each, and writes all in one transaction. No job is given to two callers.
    func claim<Answer: Sendable>(
        _ filter: ClaimFilter,
        _ take: @escaping @Sendable (inout Build, JobID, Timestamp) throws(Refusal) -> Answer
    ) async throws(StoreError) -> [Answer]

    /// - Throws: ``StoreError/notFound``.
    func build(_ id: BuildID) async throws(StoreError) -> Build

    func builds(_ query: BuildQuery) async throws(StoreError) -> [Build]

    /// The build's events in order, from the submit on.
    func history(of id: BuildID) async throws(StoreError) -> [RecordedEvent]

    func statistics() async throws(StoreError) -> StoreStatistics
}
