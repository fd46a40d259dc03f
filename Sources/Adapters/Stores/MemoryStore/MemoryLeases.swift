import BuildDomain
import Orchestration

extension MemoryStore {
    public func renew(
        _ attempts: [AttemptID], of worker: WorkerID, for lease: Duration
    ) async throws(StoreError) -> [AttemptID: LeaseAnswer] {
        try write { (state) throws(StoreError) in
            let until = clock.now + lease
            var answers: [AttemptID: LeaseAnswer] = [:]
            for attempt in attempts { answers[attempt] = state.renew(attempt, of: worker, until: until) }
            return (answers, [])
        }
    }

    public func expiredAttempts(limit: Int) async throws(StoreError) -> [AttemptReference] {
        try read { (state) throws(StoreError) in
            let now = clock.now
            let expired = state.liveAttempts.filter { $0.attempt.lease.hasExpired(at: now) }
            let sorted = expired.sorted {
                ($0.attempt.lease.expiresAt, $0.attempt.id) < ($1.attempt.lease.expiresAt, $1.attempt.id)
            }
            return sorted.prefix(max(0, limit)).map(\.reference)
        }
    }

    public func overdue(_ what: Overdue, limit: Int) async throws(StoreError) -> [BuildID] {
        try read { (state) throws(StoreError) in
            let now = clock.now
            let builds = state.builds.values.filter { build in
                switch what {
                case .cancel(let patience):
                    !build.status.isTerminal && build.cancelRequestedAt.map { now - $0 >= patience } ?? false
                case .queue: build.jobs.contains { job in job.queueExpiresAt.map { $0 <= now } ?? false }
                }
            }
            return builds.map(\.id).sorted().prefix(max(0, limit)).map { $0 }
        }
    }

    public func jobsAhead(of job: Job, in build: Build) async throws(StoreError) -> Int {
        try read { (state) throws(StoreError) in
            let now = clock.now
            let own = QueueEntry(priority: build.priority, job: job.id, build: build.id, labels: job.spec.labels)
            return state.queue.count { entry in
                entry.labels == own.labels && entry < own && state.pendingJob(entry, at: now) != nil
            }
        }
    }

    public func untilNextRetry() async throws(StoreError) -> Duration? {
        try read { (state) throws(StoreError) in
            let now = clock.now
            let later = state.queue.compactMap { entry in
                state.builds[entry.build]?.jobs.first { $0.id == entry.job }?.notBefore
            }
            return later.filter { $0 > now }.min().map { $0 - now }
        }
    }

    public func liveAttempts(of worker: WorkerID) async throws(StoreError) -> [AttemptReference] {
        try read { (state) throws(StoreError) in
            let live = state.liveAttempts.filter { $0.attempt.worker.id == worker }
            return live.map(\.reference).sorted { $0.attempt < $1.attempt }
        }
    }
}

extension MemoryState {
    var liveAttempts: [(reference: AttemptReference, attempt: Attempt)] {
        live.values.compactMap { reference in
            let job = builds[reference.build]?.jobs.first { $0.id == reference.job }
            return (job?.liveAttempt).map { (reference, $0) }
        }
    }

    fileprivate mutating func renew(_ id: AttemptID, of worker: WorkerID, until: Timestamp) -> LeaseAnswer {
        guard let reference = live[id], let build = builds[reference.build],
            let held = try? build.live(id), held.attempt.worker.id == worker
        else { return .stale }
        builds[reference.build] = build.renewing(id, until: until)
        return build.cancelRequestedAt == nil ? .held : .cancel
    }
}

extension Build {
    /// The same build with a lease moved, which is no event and so nothing the build itself can do.
    fileprivate func renewing(_ id: AttemptID, until: Timestamp) -> Build {
        let jobs = jobs.map { job in
            guard job.liveAttempt?.id == id else { return job }
            var attempts = job.attempts
            attempts[attempts.count - 1].lease = Lease(expiresAt: until)
            return Job(
                id: job.id, spec: job.spec, status: job.status, notBefore: job.notBefore,
                pendingSince: job.pendingSince, startedAt: job.startedAt, finishedAt: job.finishedAt,
                attempts: attempts, attemptsBeforeRerun: job.attemptsBeforeRerun)
        }
        return Build(
            id: self.id, repository: repository, ref: ref, command: command, priority: priority, commit: commit,
            status: status, result: result, cancelRequestedAt: cancelRequestedAt, createdAt: createdAt,
            startedAt: startedAt, finishedAt: finishedAt, updatedAt: updatedAt, jobs: jobs)
    }
}
