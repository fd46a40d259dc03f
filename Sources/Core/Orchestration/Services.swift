import BuildDomain

/// All use cases over one store: what an entrance (HTTP, command line) is given.
public struct Services: Sendable {
    public let submitBuild: SubmitBuild
    public let cancelBuild: CancelBuild
    public let rerunBuild: RerunBuild
    public let forceStatus: ForceStatus
    public let readBuilds: ReadBuilds
    public let explainWaiting: ExplainWaiting
    public let readLog: ReadLog
    public let followLog: FollowLog
    public let manageTokens: ManageTokens
    public let authenticate: Authenticate
    public let recoverLostAttempts: RecoverLostAttempts
    public let controlPlane: LocalControlPlane
    public let metrics: Metrics
    /// Whether the store can be reached and written to.
    public let checkStore: @Sendable () async throws(StoreError) -> Void

    public init(
        store: any Store, hub: SignalHub, surroundings: Surroundings, limits: SubmitLimits, leases: LeaseSettings,
        retry: RetryPolicy = .standard
    ) {
        let metrics = Metrics()
        let recent = RecentLogs()
        let seals = RunningSeals()
        let timekeeper = surroundings.timekeeper
        let readLog = ReadLog(store: store, recent: recent)
        self.metrics = metrics
        self.readLog = readLog
        submitBuild = SubmitBuild(store: store, surroundings: surroundings, limits: limits, metrics: metrics)
        cancelBuild = CancelBuild(store: store)
        rerunBuild = RerunBuild(store: store)
        forceStatus = ForceStatus(store: store, surroundings: surroundings)
        readBuilds = ReadBuilds(store: store)
        let typical = TypicalDuration()
        explainWaiting = ExplainWaiting(store: store, typical: typical, lease: leases.lease)
        followLog = FollowLog(store: store, read: readLog, hub: hub, timekeeper: timekeeper)
        manageTokens = ManageTokens(store: store, surroundings: surroundings)
        authenticate = Authenticate(store: store, timekeeper: timekeeper)
        let loseAttempt = LoseAttempt(store: store, retry: retry, entropy: surroundings.entropy, metrics: metrics)
        recoverLostAttempts = RecoverLostAttempts(
            store: store, timekeeper: timekeeper, settings: leases, loseAttempt: loseAttempt)
        controlPlane = LocalControlPlane(
            registerWorker: RegisterWorker(store: store, timekeeper: timekeeper, loseAttempt: loseAttempt),
            claimJobs: ClaimJobs(
                store: store, hub: hub, surroundings: surroundings, settings: leases, metrics: metrics),
            renewLeases: RenewLeases(store: store, hub: hub, timekeeper: timekeeper, settings: leases),
            reportProgress: ReportProgress(store: store),
            appendLog: AppendLog(store: store, recent: recent, seals: seals, hub: hub, metrics: metrics),
            finishAttempt: FinishAttempt(
                store: store, recent: recent, seals: seals, retry: retry, entropy: surroundings.entropy,
                typical: typical, metrics: metrics))
        checkStore = { () async throws(StoreError) in try await store.check() }
    }
}
