import BuildDomain

/// Hands claimable jobs to a worker, waiting for a first one where there is none.
public struct ClaimJobs: Sendable {
    private let store: any Store
    private let hub: SignalHub
    private let surroundings: Surroundings
    private let settings: LeaseSettings
    private let metrics: Metrics

    public init(
        store: any Store, hub: SignalHub, surroundings: Surroundings, settings: LeaseSettings, metrics: Metrics
    ) {
        self.store = store
        self.hub = hub
        self.surroundings = surroundings
        self.settings = settings
        self.metrics = metrics
    }

    public func callAsFunction(_ request: ClaimRequest) async throws(StoreError) -> [Assignment] {
        let filter = ClaimFilter(
            worker: request.worker, labels: request.labels, limit: min(max(1, request.limit), settings.maximumBatch))
        let deadline = surroundings.timekeeper.now + min(.milliseconds(request.waitMilliseconds), settings.longPoll)
        // Subscribed before the first look, so that a job that comes between look and wait is not missed.
        let claimable = hub.subscribe([.claimable])
        while true {
            let assignments = try await claim(filter)
            let left = deadline - surroundings.timekeeper.now
            if !assignments.isEmpty || left <= .zero || Task.isCancelled { return assignments }
            // A retry becomes claimable by itself, without a signal.
            let retry = try await store.untilNextRetry() ?? settings.safetyPoll
            await claimable.next(within: min(left, settings.safetyPoll, retry), by: surroundings.timekeeper)
        }
    }

    private func claim(_ filter: ClaimFilter) async throws(StoreError) -> [Assignment] {
        let surroundings = surroundings
        let lease = settings.lease
        let claimed = try await store.claim(filter) { (build, job, now) throws(Refusal) in
            let attempt: AttemptID = surroundings.identifier()
            let since = build.jobs.first { $0.id == job }?.pendingSince ?? now
            try build.claim(job: job, attempt: attempt, worker: filter.worker, lease: lease, at: now)
            return (assignment: Self.assignment(of: build, job: job, lease: lease), latency: now - since)
        }
        for (_, latency) in claimed { metrics.observe(latency, in: .claimLatency) }
        if !claimed.isEmpty { metrics.add(Int64(claimed.count), to: .attemptsStarted) }
        return claimed.compactMap(\.assignment)
    }

    private static func assignment(of build: Build, job id: JobID, lease: Duration) -> Assignment? {
        guard let job = build.jobs.first(where: { $0.id == id }), let attempt = job.liveAttempt else { return nil }
        return Assignment(
            reference: AttemptReference(build: build.id, job: id, attempt: attempt.id), attemptNumber: attempt.number,
            job: job.spec, repository: build.repository, ref: build.ref, commit: build.commit,
            leaseMilliseconds: lease.wholeMilliseconds)
    }
}
