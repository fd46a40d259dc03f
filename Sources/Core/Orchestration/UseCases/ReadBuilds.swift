import BuildDomain

/// Reads builds for people and programs.
public struct ReadBuilds: Sendable {
    /// Builds on a page where the caller does not say.
    public static let defaultLimit = 50
    public static let maximumLimit = 200

    private let store: any Store

    public init(store: any Store) { self.store = store }

    public func build(_ id: BuildID) async throws(StoreError) -> Build { try await store.build(id) }

    /// - Returns: one page, and the id to go on from where there are more.
    public func list(_ query: BuildQuery) async throws(StoreError) -> (builds: [Build], next: BuildID?) {
        var query = query
        let limit = min(max(1, query.limit), Self.maximumLimit)
        query.limit = limit + 1
        let found = try await store.builds(query)
        let page = Array(found.prefix(limit))
        return (page, found.count > limit ? page.last?.id : nil)
    }

    public func workers() async throws(StoreError) -> (now: Timestamp, workers: [(worker: Worker, running: Int)]) {
        try await store.workers()
    }

    public func statistics() async throws(StoreError) -> StoreStatistics { try await store.statistics() }
}
