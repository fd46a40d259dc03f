import BuildDomain

/// Names an attempt together with what it belongs to.
public struct AttemptReference: Sendable, Hashable, Codable {
    public var build: BuildID
    public var job: JobID
    public var attempt: AttemptID

    public init(build: BuildID, job: JobID, attempt: AttemptID) {
        self.build = build
        self.job = job
        self.attempt = attempt
    }

    private enum CodingKeys: String, CodingKey {
        case build = "build_id"
        case job = "job_id"
        case attempt = "attempt_id"
    }
}

/// What a worker is told about one of its attempts.
public enum LeaseAnswer: String, Sendable, Hashable, Codable {
    /// Go on; the lease was renewed.
    case held
    /// The lease was renewed, but somebody wants the work stopped.
    case cancel
    /// The attempt is not live: stop, clean up, and write no more.
    case stale
}

/// Leases change so often, and so little with them, that they do not go through the build.
public protocol LeaseStore: Sendable {
    /// Renews the leases of live attempts by the store's clock; an expired lease can be renewed until the attempt is
    /// declared lost.
    func renew(
        _ attempts: [AttemptID], of worker: WorkerID, for lease: Duration
    ) async throws(StoreError) -> [AttemptID: LeaseAnswer]

    /// Live attempts whose lease ran out, longest first.
    func expiredAttempts(limit: Int) async throws(StoreError) -> [AttemptReference]

    /// Live attempts of a worker.
    func liveAttempts(of worker: WorkerID) async throws(StoreError) -> [AttemptReference]
}
