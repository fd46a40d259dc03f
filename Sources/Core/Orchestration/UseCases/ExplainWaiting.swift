import BuildDomain

/// Says of every job of a build that does not run yet what it waits for.
public struct ExplainWaiting: Sendable {
    private let store: any Store
    private let typical: TypicalDuration
    private let lease: Duration

    public init(store: any Store, typical: TypicalDuration, lease: Duration) {
        self.store = store
        self.typical = typical
        self.lease = lease
    }

    /// Empty where everything runs or has ended; nothing is asked of the store then.
    public func callAsFunction(_ build: Build) async throws(StoreError) -> [JobID: WaitingVerdict] {
        let open = build.jobs.filter { $0.status == .pending || $0.status == .waiting }
        guard !open.isEmpty else { return [:] }
        let (now, workers) = try await store.workers()
        let roster = Roster(now: now, workers: workers, lease: lease)
        var verdicts: [JobID: WaitingVerdict] = [:]
        for job in open {
            let ahead = job.status == .pending ? try await store.jobsAhead(of: job, in: build) : 0
            verdicts[job.id] = WaitingVerdict(
                for: job, in: build, roster: roster, ahead: ahead, typical: typical.value)
        }
        return verdicts
    }
}
