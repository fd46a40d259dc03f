import BuildDomain
import Orchestration

/// A build as the API shows it.
public struct BuildView: Codable, Sendable, Hashable {
    public var id: BuildID
    public var repoURL: String
    public var ref: String
    public var commitSHA: String?
    public var command: String?
    public var priority: Int
    public var status: BuildStatus
    public var reason: Reason?
    public var exitCode: Int?
    public var error: String?
    /// Attempts begun, over all jobs.
    public var attempts: Int
    /// The worker that executes it now, or executed it last.
    public var lockedBy: String?
    public var lockedAt: Timestamp?
    public var cancelRequestedAt: Timestamp?
    public var createdAt: Timestamp
    public var startedAt: Timestamp?
    public var finishedAt: Timestamp?
    public var updatedAt: Timestamp
    public var jobs: [JobView]

    enum CodingKeys: String, CodingKey {
        case id, ref, command, priority, status, reason, error, attempts, jobs
        case repoURL = "repo_url"
        case commitSHA = "commit_sha"
        case exitCode = "exit_code"
        case lockedBy = "locked_by"
        case lockedAt = "locked_at"
        case cancelRequestedAt = "cancel_requested_at"
        case createdAt = "created_at"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case updatedAt = "updated_at"
    }

    /// - Parameter waiting: why jobs do not run yet, where that was asked for.
    public init(_ build: Build, waiting: [JobID: WaitingVerdict] = [:]) {
        let last = build.jobs.flatMap(\.attempts).max { $0.startedAt < $1.startedAt }
        id = build.id
        repoURL = build.repository.description
        ref = build.ref.description
        commitSHA = build.commit?.description
        command = build.command
        priority = build.priority
        status = build.status
        reason = build.result.reason
        exitCode = build.result.exitCode
        error = build.result.error
        attempts = build.jobs.reduce(0) { $0 + $1.attempts.count }
        lockedBy = last?.worker.name
        lockedAt = last?.startedAt
        cancelRequestedAt = build.cancelRequestedAt
        createdAt = build.createdAt
        startedAt = build.startedAt
        finishedAt = build.finishedAt
        updatedAt = build.updatedAt
        jobs = build.jobs.map { JobView($0, waiting: waiting[$0.id]) }
    }
}

/// A job as the API shows it.
public struct JobView: Codable, Sendable, Hashable {
    public var id: JobID
    public var name: String
    public var status: JobStatus
    public var needs: [String]
    public var labels: [String]
    public var env: [String: String]
    public var timeoutSeconds: Int
    public var maxAttempts: Int
    public var queueTimeoutSeconds: Int?
    public var stepTimeoutSeconds: Int?
    public var noOutputTimeoutSeconds: Int?
    public var retryOn: RetryRule?
    /// Not handed out before this time: a retry that backs off.
    public var notBefore: Timestamp?
    /// Why it does not run yet.
    public var waiting: WaitingVerdict?
    public var startedAt: Timestamp?
    public var finishedAt: Timestamp?
    public var attempts: [AttemptView]

    enum CodingKeys: String, CodingKey {
        case id, name, status, needs, labels, env, attempts, waiting
        case timeoutSeconds = "timeout_s"
        case maxAttempts = "max_attempts"
        case queueTimeoutSeconds = "queue_timeout_s"
        case stepTimeoutSeconds = "step_timeout_s"
        case noOutputTimeoutSeconds = "no_output_timeout_s"
        case retryOn = "retry_on"
        case notBefore = "not_before"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
    }

    public init(_ job: Job, waiting: WaitingVerdict? = nil) {
        self.waiting = waiting
        id = job.id
        name = job.spec.name
        status = job.status
        needs = job.spec.needs
        labels = job.spec.labels.map(\.description).sorted()
        env = job.spec.environment
        timeoutSeconds = job.spec.timeoutSeconds
        maxAttempts = job.spec.maxAttempts
        queueTimeoutSeconds = job.spec.rules.queueTimeoutSeconds
        stepTimeoutSeconds = job.spec.rules.stepTimeoutSeconds
        noOutputTimeoutSeconds = job.spec.rules.noOutputTimeoutSeconds
        retryOn = job.spec.rules.retryOn
        notBefore = job.status == .pending && !job.attempts.isEmpty ? job.notBefore : nil
        startedAt = job.startedAt
        finishedAt = job.finishedAt
        attempts = job.attempts.map(AttemptView.init)
    }
}

/// An attempt as the API shows it.
public struct AttemptView: Codable, Sendable, Hashable {
    public var id: AttemptID
    public var number: Int
    public var status: AttemptStatus
    public var reason: Reason?
    public var exitCode: Int?
    public var signal: Int?
    public var error: String?
    public var worker: String
    public var commitSHA: String?
    public var startedAt: Timestamp
    public var finishedAt: Timestamp?
    public var leaseExpiresAt: Timestamp?
    /// Extent and SHA-256 of its whole log, once it has ended.
    public var logBytes: Int64?
    public var logLines: Int64?
    public var logSHA256: String?
    public var steps: [Step]

    enum CodingKeys: String, CodingKey {
        case id, number, status, reason, signal, error, worker, steps
        case exitCode = "exit_code"
        case commitSHA = "commit_sha"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case leaseExpiresAt = "lease_expires_at"
        case logBytes = "log_bytes"
        case logLines = "log_lines"
        case logSHA256 = "log_sha256"
    }

    public init(_ attempt: Attempt) {
        id = attempt.id
        number = attempt.number
        status = attempt.status
        reason = attempt.end?.reason
        exitCode = attempt.end?.exitCode
        signal = attempt.end?.signal
        error = attempt.end?.error
        worker = attempt.worker.name
        commitSHA = attempt.commit?.description
        startedAt = attempt.startedAt
        finishedAt = attempt.finishedAt
        leaseExpiresAt = attempt.isLive ? attempt.lease.expiresAt : nil
        logBytes = attempt.end?.seal?.extent.length
        logLines = attempt.end?.seal?.extent.lines
        logSHA256 = attempt.end?.seal?.sha256
        steps = attempt.steps
    }
}

/// A page of a list.
public struct Page<Item: Codable & Sendable>: Codable, Sendable {
    public var items: [Item]
    /// Pass it as `cursor` to get the next page; absent on the last.
    public var nextCursor: String?

    enum CodingKeys: String, CodingKey {
        case items
        case nextCursor = "next_cursor"
    }

    public init(items: [Item], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }
}
