/// Something that happened to a build and was accepted. A build is exactly what its events made of it
/// (`Build.init(replaying:)`), so its history can be checked against its rows.
public enum BuildEvent: Sendable, Hashable, Codable {
    case submitted(BuildSeed)
    case started
    case cancelRequested
    case ended(BuildStatus, BuildResult)

    case jobReleased(JobID)
    case jobRetried(JobID, notBefore: Timestamp)
    case jobEnded(JobID, JobStatus)
    case jobExpired(JobID)
    /// These jobs are executed once more; what they were is in their attempts.
    case rerun([JobID])

    case attemptStarted(JobID, AttemptStart)
    case attemptProgressed(JobID, AttemptID, AttemptProgress)
    case attemptEnded(JobID, AttemptID, AttemptEnd)

    /// The name in the history: `submitted`, `attempt_started` …
    public var kind: String {
        switch self {
        case .submitted: "submitted"
        case .started: "started"
        case .cancelRequested: "cancel_requested"
        case .ended: "ended"
        case .jobReleased: "job_released"
        case .jobRetried: "job_retried"
        case .jobEnded: "job_ended"
        case .jobExpired: "job_expired"
        case .rerun: "rerun"
        case .attemptStarted: "attempt_started"
        case .attemptProgressed: "attempt_progressed"
        case .attemptEnded: "attempt_ended"
        }
    }

    public var job: JobID? {
        switch self {
        case .submitted, .started, .cancelRequested, .ended, .rerun: nil
        case .jobReleased(let job), .jobRetried(let job, _), .jobEnded(let job, _), .jobExpired(let job): job
        case .attemptStarted(let job, _), .attemptProgressed(let job, _, _), .attemptEnded(let job, _, _): job
        }
    }

    public var attempt: AttemptID? {
        switch self {
        case .attemptStarted(_, let start): start.id
        case .attemptProgressed(_, let attempt, _), .attemptEnded(_, let attempt, _): attempt
        default: nil
        }
    }
}

/// An event with the time it was accepted, by the store's clock.
public struct RecordedEvent: Sendable, Hashable {
    public var at: Timestamp
    public var event: BuildEvent

    public init(at: Timestamp, event: BuildEvent) {
        self.at = at
        self.event = event
    }
}

public struct AttemptStart: Sendable, Hashable, Codable {
    public var id: AttemptID
    public var worker: WorkerReference
    public var leaseExpiresAt: Timestamp

    private enum CodingKeys: String, CodingKey {
        case id, worker
        case leaseExpiresAt = "lease_expires_at"
    }
}

/// What a worker tells while it works: the whole picture each time, so that repeating or skipping one does no harm.
public struct AttemptProgress: Sendable, Hashable, Codable {
    public var commit: CommitSHA?
    public var steps: [Step]

    public init(commit: CommitSHA?, steps: [Step]) {
        self.commit = commit
        self.steps = steps
    }
}

/// What a build's end says, taken from the job that decided it.
public struct BuildResult: Sendable, Hashable, Codable {
    public var reason: Reason?
    public var exitCode: Int?
    public var error: String?

    public init(reason: Reason? = nil, exitCode: Int? = nil, error: String? = nil) {
        self.reason = reason
        self.exitCode = exitCode
        self.error = error
    }

    private enum CodingKeys: String, CodingKey {
        case reason, error
        case exitCode = "exit_code"
    }
}

extension CommitSHA: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let sha = CommitSHA(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected a full commit id, got '\(text)'")
        }
        self = sha
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
