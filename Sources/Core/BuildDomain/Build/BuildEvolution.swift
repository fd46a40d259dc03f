/// How each event changes a build: the only code that does.
extension Build {
    mutating func evolve(_ event: BuildEvent, at now: Timestamp) throws(Refusal) {
        switch event {
        case .submitted:
            throw .illegalTransition(of: "Build", from: status.rawValue, event: event.kind)
        case .started:
            try status.apply(.started)
            startedAt = now
        case .cancelRequested:
            cancelRequestedAt = now
        case .ended(let status, let result):
            try self.status.apply(Self.event(endingIn: status))
            self.result = result
            finishedAt = now
        case .jobReleased, .jobRetried, .jobEnded, .jobExpired: try evolveJob(event, at: now)
        case .rerun(let ids): try evolveRerun(of: ids, at: now)
        case .attemptStarted(let id, let start):
            try evolveJob(id) { (job) throws(Refusal) in try job.begin(start, at: now) }
        case .attemptProgressed(let id, let attempt, let progress):
            try evolveAttempt(id, attempt) { (attempt) throws(Refusal) in
                guard attempt.isLive else { throw .staleAttempt(attempt.id) }
                attempt.steps = progress.steps
                attempt.commit = progress.commit
            }
            if let resolved = progress.commit { commit = commit ?? resolved }
        case .attemptEnded(let id, let attempt, let end):
            try evolveAttempt(id, attempt) { (attempt) throws(Refusal) in
                try attempt.status.apply(end.event)
                attempt.end = end
                attempt.finishedAt = now
            }
        }
        // Last, so that a refused event has changed nothing.
        updatedAt = now
    }

    private mutating func evolveJob(_ event: BuildEvent, at now: Timestamp) throws(Refusal) {
        switch event {
        case .jobReleased(let id):
            try evolveJob(id) { (job) throws(Refusal) in
                try job.status.apply(.needsMet)
                job.pendingSince = now
            }
        case .jobRetried(let id, let notBefore):
            try evolveJob(id) { (job) throws(Refusal) in
                try job.status.apply(.retried)
                job.pendingSince = notBefore
                job.notBefore = notBefore
            }
        case .jobEnded(let id, let status):
            try evolveJob(id) { (job) throws(Refusal) in
                try job.status.apply(Self.event(endingIn: status))
                job.finishedAt = now
            }
        case .jobExpired(let id):
            try evolveJob(id) { (job) throws(Refusal) in
                try job.status.apply(.expired)
                job.finishedAt = now
            }
        default: return
        }
    }

    private mutating func evolveRerun(of ids: [JobID], at now: Timestamp) throws(Refusal) {
        var copy = self
        for id in ids {
            guard let job = copy.jobs.first(where: { $0.id == id }) else { throw .nothingToRerun }
            let waits = copy.jobs.contains { needed in
                job.spec.needs.contains(needed.spec.name) && (ids.contains(needed.id) || needed.status != .success)
            }
            try copy.evolveJob(id) { (job) throws(Refusal) in
                try job.status.apply(waits ? .rerunAfterNeeds : .rerun)
                job.pendingSince = waits ? nil : now
                job.notBefore = now
                (job.startedAt, job.finishedAt) = (nil, nil)
                job.attemptsBeforeRerun = job.attempts.count
            }
        }
        if copy.status.isTerminal {
            try copy.status.apply(.rerun)
            (copy.startedAt, copy.finishedAt, copy.cancelRequestedAt) = (nil, nil, nil)
            copy.result = BuildResult()
        }
        self = copy
    }

    private mutating func evolveJob(_ id: JobID, _ change: (inout Job) throws(Refusal) -> Void) throws(Refusal) {
        guard let index = jobs.firstIndex(where: { $0.id == id }) else {
            throw .illegalTransition(of: "Job", from: "absent", event: id.description)
        }
        try change(&jobs[index])
    }

    private mutating func evolveAttempt(
        _ job: JobID, _ id: AttemptID, _ change: (inout Attempt) throws(Refusal) -> Void
    ) throws(Refusal) {
        try evolveJob(job) { (job) throws(Refusal) in
            guard let index = job.attempts.firstIndex(where: { $0.id == id }) else { throw .staleAttempt(id) }
            try change(&job.attempts[index])
        }
    }

    private static func event(endingIn status: BuildStatus) -> BuildStatus.Event {
        switch status {
        case .success: .succeeded
        case .failed: .failed
        case .canceled: .canceled
        case .pending, .running: .started
        }
    }

    private static func event(endingIn status: JobStatus) -> JobStatus.Event {
        switch status {
        case .success: .succeeded
        case .failed: .failed
        case .canceled: .canceled
        case .skipped: .needsFailed
        case .waiting, .pending, .running: .claimed
        }
    }
}

extension Job {
    fileprivate mutating func begin(_ start: AttemptStart, at now: Timestamp) throws(Refusal) {
        try status.apply(.claimed)
        startedAt = startedAt ?? now
        attempts.append(
            Attempt(
                id: start.id, number: attempts.count + 1, worker: start.worker, status: .running, end: nil, commit: nil,
                steps: spec.steps.map { Step(name: $0.name) }, startedAt: now, finishedAt: nil,
                lease: Lease(expiresAt: start.leaseExpiresAt)))
    }
}
