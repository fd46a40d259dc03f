import BuildDomain

/// Stores lines of a live attempt and wakes those who follow it.
public struct AppendLog: Sendable {
    private let store: any LogStore
    private let recent: RecentLogs
    private let seals: RunningSeals
    private let hub: SignalHub
    private let metrics: Metrics

    public init(
        store: any LogStore, recent: RecentLogs, seals: RunningSeals, hub: SignalHub, metrics: Metrics
    ) {
        self.store = store
        self.recent = recent
        self.seals = seals
        self.hub = hub
        self.metrics = metrics
    }

    /// - Returns: what is stored now.
    public func callAsFunction(_ chunk: LogChunk, to attempt: AttemptID) async throws(StoreError) -> LogExtent {
        let extent: LogExtent
        do { extent = try await store.append(chunk, to: attempt) } catch {
            // Whether it was stored is not known always.
            seals.forget(attempt)
            throw error
        }
        seals.add(chunk, of: attempt, stored: extent)
        // Only what the store has acknowledged is shown to anybody.
        recent.add(chunk, of: attempt)
        hub.signal(.log(attempt))
        metrics.add(Int64(chunk.text.count), to: .logBytes)
        return extent
    }
}
