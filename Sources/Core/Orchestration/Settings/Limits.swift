/// What a submit may ask for and gets where it is silent. Every value is a setting of the control plane.
public struct SubmitLimits: Sendable, Hashable {
    /// Seconds a job may run where the submit does not say. `MINI_CI_DEFAULT_TIMEOUT_S`.
    public var defaultTimeoutSeconds = 3600
    /// The most seconds a submit may ask for. `MINI_CI_MAX_TIMEOUT_S`.
    public var maximumTimeoutSeconds = 86_400
    /// Seconds a job may wait for a worker where the submit does not say. `MINI_CI_QUEUE_TIMEOUT_S`.
    public var defaultQueueTimeoutSeconds = 86_400
    /// The most seconds of waiting a submit may ask for: thirty days.
    public var maximumQueueTimeoutSeconds = 2_592_000
    /// Bytes of the command.
    public var maximumCommandBytes = 65_536
    /// Variables in `env`.
    public var maximumVariables = 200
    /// Bytes of all names and values in `env`.
    public var maximumEnvironmentBytes = 65_536
    /// Bytes of an `Idempotency-Key`.
    public var maximumKeyBytes = 255
    /// Whether repositories may be folders of the worker's machine. `MINI_CI_ALLOW_LOCAL_REPOSITORIES`.
    public var allowsLocalRepositories = false

    public init() {}
}

/// How the control plane deals with workers.
public struct LeaseSettings: Sendable, Hashable {
    /// How long an attempt is a worker's without a renewal. `MINI_CI_LEASE_MS`.
    public var lease = Duration.seconds(20)
    /// The longest a claim or a renewal is held open. `MINI_CI_LONG_POLL_MS`.
    public var longPoll = Duration.seconds(30)
    /// How often a waiting claim looks by itself, in case a signal was lost. `MINI_CI_CLAIM_POLL_MS`.
    public var safetyPoll = Duration.seconds(5)
    /// How long a worker has, after a cancel was requested, to say that it has stopped; then the build is canceled
    /// without it. Longer than a worker's `MINI_CI_STOP_GRACE_S` by half a minute. `MINI_CI_FORCED_CANCEL_S`.
    public var forcedCancel = Duration.seconds(40)
    /// How often leases are looked through. `MINI_CI_SWEEP_MS`.
    public var sweep = Duration.seconds(2)
    /// The most jobs handed out in one claim.
    public var maximumBatch = 100

    public init() {}
}
