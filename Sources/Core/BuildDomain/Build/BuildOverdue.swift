/// What the control plane decides by itself when nobody has done it in time.
extension Build {
    /// Ends pending jobs that no worker took in time.
    public mutating func expireQueue(at now: Timestamp) throws(Refusal) {
        for job in jobs {
            guard let limit = job.queueExpiresAt, limit <= now else { continue }
            try record(.jobExpired(job.id), at: now)
        }
        try releaseDependents(at: now)
        try endIfSettled(at: now)
    }

    /// Ends what its worker has not ended, though a cancel was requested at least `patience` ago.
    public mutating func forceCancel(patience: Duration, at now: Timestamp) throws(Refusal) {
        guard let requested = cancelRequestedAt, !status.isTerminal, now - requested >= patience else { return }
        let seconds = patience.components.seconds
        for job in jobs {
            guard let attempt = job.liveAttempt else { continue }
            let end = AttemptEnd(
                outcome: .canceled, reason: .canceled,
                error: "the worker did not confirm the cancel within \(seconds) s", seal: nil)
            try record(.attemptEnded(job.id, attempt.id, end), at: now)
            try settle(job.id, after: end, retry: .standard, random: 0, at: now)
        }
    }
}
