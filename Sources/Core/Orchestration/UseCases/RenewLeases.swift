import BuildDomain

/// Renews leases at once, then holds the answer back until a cancel is requested for one of them: a worker hears of it
/// without asking again and again.
public struct RenewLeases: Sendable {
    private let store: any Store
    private let hub: SignalHub
    private let timekeeper: any Timekeeper
    private let settings: LeaseSettings

    public init(store: any Store, hub: SignalHub, timekeeper: any Timekeeper, settings: LeaseSettings) {
        self.store = store
        self.hub = hub
        self.timekeeper = timekeeper
        self.settings = settings
    }

    public func callAsFunction(_ request: RenewRequest) async throws(StoreError) -> [AttemptID: LeaseAnswer] {
        let cancels = hub.subscribe([.cancelRequests])
        try await store.touch(request.worker, isDraining: request.isDraining)
        let deadline = timekeeper.now + min(.milliseconds(request.waitMilliseconds), settings.longPoll)
        let stopping = Set(request.stopping)
        while true {
            let answers = try await store.renew(request.attempts, of: request.worker, for: settings.lease)
            let left = deadline - timekeeper.now
            let isNews = answers.contains { $0.value == .stale || $0.value == .cancel && !stopping.contains($0.key) }
            if isNews || left <= .zero || Task.isCancelled { return answers }
            await cancels.next(within: left, by: timekeeper)
            if deadline - timekeeper.now <= .zero { return answers }
        }
    }
}
