/// A unit that one worker executes.
public struct Job: Sendable, Hashable {
    public let id: JobID
    public let spec: JobSpec
    public internal(set) var status: JobStatus
    /// Not handed out before this time: a retry that backs off.
    public internal(set) var notBefore: Timestamp
    /// When it last became claimable.
    public internal(set) var pendingSince: Timestamp?
    public internal(set) var startedAt: Timestamp?
    public internal(set) var finishedAt: Timestamp?
    /// In the order of their numbers.
    public internal(set) var attempts: [Attempt]
    /// How many of them there were when somebody last asked for the job once more.
    public internal(set) var attemptsBeforeRerun: Int

    /// Takes back a job as a store kept it.
    public init(
        id: JobID, spec: JobSpec, status: JobStatus, notBefore: Timestamp, pendingSince: Timestamp?,
        startedAt: Timestamp?, finishedAt: Timestamp?, attempts: [Attempt], attemptsBeforeRerun: Int = 0
    ) {
        self.attemptsBeforeRerun = attemptsBeforeRerun
        self.id = id
        self.spec = spec
        self.status = status
        self.notBefore = notBefore
        self.pendingSince = pendingSince
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.attempts = attempts
    }

    /// Until when a worker must have taken it; `nil` where it does not wait for one, or may wait for ever.
    public var queueExpiresAt: Timestamp? {
        guard status == .pending, let pendingSince, let limit = spec.rules.queueTimeoutSeconds else { return nil }
        return pendingSince + .seconds(limit)
    }

    /// It failed because no worker took it: it did not end with its last attempt.
    var hasExpired: Bool { status == .failed && attempts.last?.finishedAt != finishedAt }

    /// The attempt that is executing it now.
    public var liveAttempt: Attempt? { attempts.last.flatMap { $0.isLive ? $0 : nil } }
}
