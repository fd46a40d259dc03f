/// How long a job may wait, stand still and be tried again, beyond what every job says.
public struct JobRules: Sendable, Hashable, Codable {
    /// Seconds the job may be pending until a worker takes it; `nil` for ever.
    public var queueTimeoutSeconds: Int?
    /// Seconds a single step may run; `nil` as long as the job.
    public var stepTimeoutSeconds: Int?
    /// Seconds without a byte of output after which the job is stopped; `nil` for ever.
    public var noOutputTimeoutSeconds: Int?
    /// Which failures of the script are worth another attempt; `nil` for all.
    public var retryOn: RetryRule?

    public init(
        queueTimeoutSeconds: Int? = nil, stepTimeoutSeconds: Int? = nil, noOutputTimeoutSeconds: Int? = nil,
        retryOn: RetryRule? = nil
    ) {
        self.queueTimeoutSeconds = queueTimeoutSeconds
        self.stepTimeoutSeconds = stepTimeoutSeconds
        self.noOutputTimeoutSeconds = noOutputTimeoutSeconds
        self.retryOn = retryOn
    }

    private enum CodingKeys: String, CodingKey {
        case queueTimeoutSeconds = "queue_timeout_s"
        case stepTimeoutSeconds = "step_timeout_s"
        case noOutputTimeoutSeconds = "no_output_timeout_s"
        case retryOn = "retry_on"
    }
}

/// Failures by exit code or by reason; one that is either matches.
public struct RetryRule: Sendable, Hashable, Codable {
    public var exitCodes: [Int]
    public var reasons: [Reason]

    public init(exitCodes: [Int] = [], reasons: [Reason] = []) {
        self.exitCodes = exitCodes
        self.reasons = reasons
    }

    func matches(_ end: AttemptEnd) -> Bool {
        end.reason.map(reasons.contains) ?? false || end.exitCode.map(exitCodes.contains) ?? false
    }

    private enum CodingKeys: String, CodingKey {
        case reasons
        case exitCodes = "exit_codes"
    }
}
