import BuildDomain

/// Makes followers of growing logs.
public struct FollowLog: Sendable {
    private let store: any Store
    private let read: ReadLog
    private let hub: SignalHub
    private let timekeeper: any Timekeeper

    public init(store: any Store, read: ReadLog, hub: SignalHub, timekeeper: any Timekeeper) {
        self.store = store
        self.read = read
        self.hub = hub
        self.timekeeper = timekeeper
    }

    /// - Parameters:
    ///   - position: what was seen last; lines after it come next.
    ///   - beginning: where to begin without a position.
    ///   - patience: after how long without news ``LogNews/quiet`` is said.
    public func callAsFunction(
        build: BuildID, job: JobID, after position: LogPosition?, from beginning: LogBeginning = .newest,
        patience: Duration
    ) -> LogFollower {
        LogFollower(
            store: store, read: read, hub: hub, timekeeper: timekeeper, patience: patience, build: build, job: job,
            after: position, from: beginning)
    }
}
