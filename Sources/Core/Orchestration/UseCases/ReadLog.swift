import BuildDomain

/// Reads logs, finished or growing.
public struct ReadLog: Sendable {
    /// Bytes of text after which one read stops.
    public static let byteLimit = 1024 * 1024

    private let store: any LogStore
    private let recent: RecentLogs

    public init(store: any LogStore, recent: RecentLogs) {
        self.store = store
        self.recent = recent
    }

    /// Chunks from the one with line `first` on, at least one where there is one; see
    /// ``LogStore/log(of:from:byteLimit:)``.
    public func callAsFunction(
        of attempt: AttemptID, from first: Int64, byteLimit: Int = ReadLog.byteLimit
    ) async throws(StoreError) -> [LogChunk] {
        if let chunks = recent.chunks(of: attempt, from: first) { return chunks }
        return try await store.log(of: attempt, from: first, byteLimit: byteLimit)
    }
}
