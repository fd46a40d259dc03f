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

    /// Builds that the control plane must end, or end a job of, because nobody else has done it in time.
    func overdue(_ what: Overdue, limit: Int) async throws(StoreError) -> [BuildID]

    /// How many pending jobs with the same labels are handed out before this one.
    func jobsAhead(of job: Job, in build: Build) async throws(StoreError) -> Int

    /// How long until the next job that backs off becomes claimable; `nil` where none does.
    func untilNextRetry() async throws(StoreError) -> Duration?

    /// Live attempts of a worker.
    func liveAttempts(of worker: WorkerID) async throws(StoreError) -> [AttemptReference]
}

/// What can be late.
public enum Overdue: Sendable, Hashable {
    /// A cancel was requested at least so long ago, and the build still runs.
    case cancel(after: Duration)
    /// A job's time in the queue is over.
    case queue
}
