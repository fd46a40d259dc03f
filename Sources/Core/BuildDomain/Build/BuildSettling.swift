/// What the end of an attempt means for its job, the jobs that need it, and the build.
extension Build {
    /// - Parameters:
    ///   - retry: whether there is another attempt.
    ///   - random: for the pause before it.
    mutating func settle(
        _ id: JobID, after end: AttemptEnd, retry: RetryPolicy, random: UInt64, at now: Timestamp
    ) throws(Refusal) {
        guard let job = jobs.first(where: { $0.id == id }) else { return }
        switch end.outcome {
        case .success:
            try record(.jobEnded(id, .success), at: now)
        case .canceled:
            try record(.jobEnded(id, .canceled), at: now)
        case .failed, .running:
            // What came before a rerun counts no more.
            let ends = job.attempts.dropFirst(job.attemptsBeforeRerun).compactMap(\.end)
            if cancelRequestedAt != nil {
                try record(.jobEnded(id, end.reason == .workerLost ? .canceled : .failed), at: now)
                break
            }
            let decision = retry.decide(
                maxAttempts: job.spec.maxAttempts, rule: job.spec.rules.retryOn, ends: ends, random: random)
            switch decision {
            case .retry(let pause): try record(.jobRetried(id, notBefore: now + pause), at: now)
            case .giveUp: try record(.jobEnded(id, .failed), at: now)
            }
        }
        try releaseDependents(at: now)
        try endIfSettled(at: now)
    }

    /// Frees or skips waiting jobs until nothing changes: a skipped job may decide the next one.
    mutating func releaseDependents(at now: Timestamp) throws(Refusal) {
        var changed = true
        while changed {
            changed = false
            for job in jobs where job.status == .waiting {
                let needed = jobs.filter { job.spec.needs.contains($0.spec.name) }
                if needed.contains(where: { $0.status.isTerminal && $0.status != .success }) {
                    try record(.jobEnded(job.id, .skipped), at: now)
                    changed = true
                } else if needed.allSatisfy({ $0.status == .success }) {
                    try record(.jobReleased(job.id), at: now)
                    changed = true
                }
            }
        }
    }

    mutating func endIfSettled(at now: Timestamp) throws(Refusal) {
        guard !status.isTerminal, jobs.allSatisfy(\.status.isTerminal) else { return }
        if let canceled = jobs.first(where: { $0.status == .canceled }) {
            try record(.ended(.canceled, Self.result(of: canceled, otherwise: .canceled)), at: now)
        } else if let failed = jobs.first(where: { $0.status == .failed }) {
            try record(.ended(.failed, Self.result(of: failed, otherwise: .script)), at: now)
        } else {
            let code = jobs.last?.attempts.last?.end?.exitCode
            try record(.ended(.success, BuildResult(exitCode: code)), at: now)
        }
    }

    private static func result(of job: Job, otherwise reason: Reason) -> BuildResult {
        if job.hasExpired {
            let seconds = job.spec.rules.queueTimeoutSeconds ?? 0
            return BuildResult(
                reason: .queueTimeout, error: "no worker took job '\(job.spec.name)' within \(seconds) s")
        }
        guard let end = job.attempts.last?.end else { return BuildResult(reason: reason) }
        return BuildResult(reason: end.reason ?? reason, exitCode: end.exitCode, error: end.error)
    }
}
