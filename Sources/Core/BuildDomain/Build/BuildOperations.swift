/// What can happen to a build, an operation each: checks first, then events.
extension Build {
    /// A worker takes a pending job.
    /// - Throws: ``Refusal/illegalTransition(of:from:event:)`` where the job is not pending.
    public mutating func claim(
        job id: JobID, attempt: AttemptID, worker: WorkerReference, lease: Duration, at now: Timestamp
    ) throws(Refusal) {
        let start = AttemptStart(id: attempt, worker: worker, leaseExpiresAt: now + lease)
        try record(.attemptStarted(id, start), at: now)
        if status == .pending { try record(.started, at: now) }
    }

    /// A live attempt tells how far it is. Repeating the same picture changes nothing.
    /// - Throws: ``Refusal/staleAttempt(_:)``.
    public mutating func report(_ progress: AttemptProgress, attempt id: AttemptID, at now: Timestamp) throws(Refusal) {
        let (job, attempt) = try live(id)
        guard attempt.steps != progress.steps || attempt.commit != progress.commit else { return }
        try record(.attemptProgressed(job.id, id, progress), at: now)
    }

    /// An attempt ends. Repeating the same end changes nothing.
    /// - Parameters:
    ///   - stored: what the store has of the attempt's log; must be what the end's seal says.
    ///   - random: varies the pause before a retry.
    /// - Throws: ``Refusal/staleAttempt(_:)`` where the attempt has ended otherwise, ``Refusal/logNotSealed(stored:)``.
    public mutating func finish(
        attempt id: AttemptID, progress: AttemptProgress, end: AttemptEnd, stored: LogExtent, retry: RetryPolicy,
        random: UInt64, at now: Timestamp
    ) throws(Refusal) {
        if let known = find(id), known.attempt.end == end { return }
        let (job, _) = try live(id)
        guard end.outcome.isTerminal else {
            throw .illegalTransition(of: "Attempt", from: "running", event: end.outcome.rawValue)
        }
        guard end.isConsistent else {
            throw .illegalTransition(of: "Attempt", from: "running", event: "an end that contradicts itself")
        }
        guard end.seal?.extent == stored else { throw .logNotSealed(stored: stored) }
        try report(progress, attempt: id, at: now)
        try record(.attemptEnded(job.id, id, end), at: now)
        try settle(job.id, after: end, retry: retry, random: random, at: now)
    }

    /// The lease of a live attempt ran out. Changes nothing where it was renewed since somebody looked.
    /// - Parameter random: varies the pause before a retry.
    /// - Throws: ``Refusal/staleAttempt(_:)``.
    public mutating func loseExpired(
        attempt id: AttemptID, error: String, retry: RetryPolicy, random: UInt64, at now: Timestamp
    ) throws(Refusal) {
        guard try live(id).attempt.lease.hasExpired(at: now) else { return }
        try lose(attempt: id, error: error, retry: retry, random: random, at: now)
    }

    /// The worker of a live attempt does not have it any more.
    /// - Parameter random: varies the pause before a retry.
    /// - Throws: ``Refusal/staleAttempt(_:)``.
    public mutating func lose(
        attempt id: AttemptID, error: String, retry: RetryPolicy, random: UInt64, at now: Timestamp
    ) throws(Refusal) {
        let (job, _) = try live(id)
        let end = AttemptEnd(outcome: .failed, reason: .workerLost, error: error, seal: nil)
        try record(.attemptEnded(job.id, id, end), at: now)
        try settle(job.id, after: end, retry: retry, random: random, at: now)
    }

    /// Somebody wants the build stopped: jobs that have not started are canceled at once, running ones when their
    /// worker has stopped them. Asking again changes nothing.
    /// - Throws: ``Refusal/alreadyFinished(_:)``.
    public mutating func cancel(at now: Timestamp) throws(Refusal) {
        guard !status.isTerminal else { throw .alreadyFinished(status) }
        guard cancelRequestedAt == nil else { return }
        try record(.cancelRequested, at: now)
        for job in jobs where job.status == .waiting || job.status == .pending {
            try record(.jobEnded(job.id, .canceled), at: now)
        }
        try endIfSettled(at: now)
    }

    /// The job and live attempt of that id.
    /// - Throws: ``Refusal/staleAttempt(_:)`` where it has ended or never was.
    public func live(_ id: AttemptID) throws(Refusal) -> (job: Job, attempt: Attempt) {
        guard let found = find(id), found.attempt.isLive else { throw .staleAttempt(id) }
        return found
    }

    func find(_ id: AttemptID) -> (job: Job, attempt: Attempt)? {
        for job in jobs {
            if let attempt = job.attempts.last(where: { $0.id == id }) { return (job, attempt) }
        }
        return nil
    }
}
