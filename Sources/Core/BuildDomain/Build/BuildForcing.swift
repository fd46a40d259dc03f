/// Moving a build by hand while developing against the API.
extension Build {
    /// Claims all pending jobs (`running`), ends all live attempts (`success`, `failed`), or cancels and ends them.
    /// - Throws: ``Refusal/illegalTransition(of:from:event:)`` where a worker could not have done it either.
    public mutating func force(
        _ target: BuildStatus, worker: WorkerReference, attempt makeAttempt: () -> AttemptID, at now: Timestamp
    ) throws(Refusal) {
        guard !status.isTerminal else { throw .alreadyFinished(status) }
        let illegal = Refusal.illegalTransition(of: "BuildStatus", from: status.rawValue, event: target.rawValue)
        switch target {
        case .pending:
            throw illegal
        case .running:
            guard status == .pending else { throw illegal }
            for job in jobs where job.status == .pending {
                try claim(job: job.id, attempt: makeAttempt(), worker: worker, lease: .seconds(86_400), at: now)
            }
        case .success, .failed:
            guard status == .running else { throw illegal }
            let reason: Reason? = target == .failed ? .script : nil
            try endLiveAttempts(
                AttemptEnd(outcome: target == .failed ? .failed : .success, reason: reason, seal: nil), at: now)
        case .canceled:
            try cancel(at: now)
            try endLiveAttempts(AttemptEnd(outcome: .canceled, reason: .canceled, seal: nil), at: now)
        }
    }

    private mutating func endLiveAttempts(_ end: AttemptEnd, at now: Timestamp) throws(Refusal) {
        for job in jobs {
            guard let attempt = job.liveAttempt else { continue }
            try record(.attemptEnded(job.id, attempt.id, end), at: now)
            try settle(job.id, after: end, retry: .standard, random: 0, at: now)
        }
    }
}
