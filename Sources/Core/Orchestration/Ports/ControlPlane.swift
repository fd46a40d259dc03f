import BuildDomain

/// A job handed to a worker: all it needs to execute it.
public struct Assignment: Sendable, Hashable, Codable {
    public var reference: AttemptReference
    public var attemptNumber: Int
    public var job: JobSpec
    public var repository: RepositoryURL
    public var ref: GitRef
    /// The commit, where it is already known: a retry builds what the first attempt built.
    public var commit: CommitSHA?
    /// Milliseconds the attempt is the worker's without a renewal.
    public var leaseMilliseconds: Int64

    public init(
        reference: AttemptReference, attemptNumber: Int, job: JobSpec, repository: RepositoryURL, ref: GitRef,
        commit: CommitSHA?, leaseMilliseconds: Int64
    ) {
        self.reference = reference
        self.attemptNumber = attemptNumber
        self.job = job
        self.repository = repository
        self.ref = ref
        self.commit = commit
        self.leaseMilliseconds = leaseMilliseconds
    }

    private enum CodingKeys: String, CodingKey {
        case reference, job, ref
        case attemptNumber = "attempt_number"
        case repository = "repo_url"
        case commit = "commit_sha"
        case leaseMilliseconds = "lease_ms"
    }
}

/// What a worker says of itself.
public struct WorkerRegistration: Sendable, Hashable, Codable {
    public var id: WorkerID
    public var name: String
    public var labels: Set<Label>
    public var capacity: Int
    public var version: String
    /// It asks for no more work: the last registration of a worker that goes.
    public var isDraining: Bool
    /// The attempts it is still executing; others that the control plane believes to be its own are lost.
    public var holding: [AttemptID]

    public init(
        id: WorkerID, name: String, labels: Set<Label>, capacity: Int, version: String, isDraining: Bool = false,
        holding: [AttemptID] = []
    ) {
        self.id = id
        self.name = name
        self.labels = labels
        self.capacity = capacity
        self.version = version
        self.isDraining = isDraining
        self.holding = holding
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, labels, capacity, version, holding
        case isDraining = "is_draining"
    }
}

/// A question for work.
public struct ClaimRequest: Sendable, Hashable, Codable {
    public var worker: WorkerReference
    public var labels: Set<Label>
    /// The most jobs to hand out now.
    public var limit: Int
    /// How long to wait for a first job, in milliseconds.
    public var waitMilliseconds: Int64

    public init(worker: WorkerReference, labels: Set<Label>, limit: Int, waitMilliseconds: Int64) {
        self.worker = worker
        self.labels = labels
        self.limit = limit
        self.waitMilliseconds = waitMilliseconds
    }

    private enum CodingKeys: String, CodingKey {
        case worker, labels, limit
        case waitMilliseconds = "wait_ms"
    }
}

/// A sign of life.
public struct RenewRequest: Sendable, Hashable, Codable {
    public var worker: WorkerID
    public var attempts: [AttemptID]
    /// Those of the attempts that the worker is stopping already: it needs not be told again.
    public var stopping: [AttemptID]
    public var isDraining: Bool
    /// Leases are renewed at once; the answer is held back this long, in milliseconds, unless an attempt is to be
    /// stopped.
    public var waitMilliseconds: Int64

    public init(
        worker: WorkerID, attempts: [AttemptID], stopping: [AttemptID] = [], isDraining: Bool, waitMilliseconds: Int64
    ) {
        self.worker = worker
        self.attempts = attempts
        self.stopping = stopping
        self.isDraining = isDraining
        self.waitMilliseconds = waitMilliseconds
    }

    private enum CodingKeys: String, CodingKey {
        case worker, attempts, stopping
        case isDraining = "is_draining"
        case waitMilliseconds = "wait_ms"
    }
}

/// Why the control plane did not do what a worker asked.
public enum ControlPlaneError: Error, Sendable, Equatable {
    /// The attempt is not this worker's any more: stop the work, clean up, write nothing.
    case stale
    /// The stored log ends at `stored`; go on from there.
    case resume(stored: LogExtent)
    /// It cannot be reached now, or the answer was lost; repeat later. The sentence is for the worker's own log.
    case unavailable(String)
    /// It will never accept this; repeating is no use.
    case rejected(String)
}

/// The one protocol between a worker and the control plane: calls within the process, or HTTP. Every call may be
/// repeated.
public protocol ControlPlane: Sendable {
    func register(_ registration: WorkerRegistration) async throws(ControlPlaneError)
    /// Waits for work. Empty when there was none in time.
    func claim(_ request: ClaimRequest) async throws(ControlPlaneError) -> [Assignment]
    func renew(_ request: RenewRequest) async throws(ControlPlaneError) -> [AttemptID: LeaseAnswer]
    func report(_ progress: AttemptProgress, of attempt: AttemptReference) async throws(ControlPlaneError)
    /// - Returns: what is stored now.
    func append(_ chunk: LogChunk, to attempt: AttemptReference) async throws(ControlPlaneError) -> LogExtent
    func finish(
        _ attempt: AttemptReference, progress: AttemptProgress, end: AttemptEnd
    ) async throws(ControlPlaneError)
}
