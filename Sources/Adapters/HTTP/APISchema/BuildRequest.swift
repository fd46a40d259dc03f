import BuildDomain
import Orchestration

/// Body of `POST /api/v1/builds`.
public struct BuildRequest: Codable, Sendable, Hashable {
    public var repoURL: String
    public var ref: String
    public var command: String
    public var env: [String: String]?
    public var labels: [String]?
    public var priority: Int?
    public var timeoutSeconds: Int?
    public var maxAttempts: Int?
    public var queueTimeoutSeconds: Int?
    public var stepTimeoutSeconds: Int?
    public var noOutputTimeoutSeconds: Int?
    public var retryOn: RetryRule?

    public init(
        repoURL: String, ref: String, command: String, env: [String: String]? = nil, labels: [String]? = nil,
        priority: Int? = nil, timeoutSeconds: Int? = nil, maxAttempts: Int? = nil, queueTimeoutSeconds: Int? = nil,
        stepTimeoutSeconds: Int? = nil, noOutputTimeoutSeconds: Int? = nil, retryOn: RetryRule? = nil
    ) {
        self.queueTimeoutSeconds = queueTimeoutSeconds
        self.stepTimeoutSeconds = stepTimeoutSeconds
        self.noOutputTimeoutSeconds = noOutputTimeoutSeconds
        self.retryOn = retryOn
        self.repoURL = repoURL
        self.ref = ref
        self.command = command
        self.env = env
        self.labels = labels
        self.priority = priority
        self.timeoutSeconds = timeoutSeconds
        self.maxAttempts = maxAttempts
    }

    /// Every key the body may have; others are refused, so that a misspelt one is not lost in silence.
    public enum CodingKeys: String, CodingKey, CaseIterable {
        case ref, command, env, labels, priority
        case repoURL = "repo_url"
        case timeoutSeconds = "timeout_s"
        case maxAttempts = "max_attempts"
        case queueTimeoutSeconds = "queue_timeout_s"
        case stepTimeoutSeconds = "step_timeout_s"
        case noOutputTimeoutSeconds = "no_output_timeout_s"
        case retryOn = "retry_on"
    }

    public var submission: Submission {
        Submission(
            repository: repoURL, ref: ref, command: command, environment: env ?? [:], labels: labels ?? [],
            priority: priority, timeoutSeconds: timeoutSeconds, maxAttempts: maxAttempts,
            rules: JobRules(
                queueTimeoutSeconds: queueTimeoutSeconds, stepTimeoutSeconds: stepTimeoutSeconds,
                noOutputTimeoutSeconds: noOutputTimeoutSeconds, retryOn: retryOn))
    }
}
