import BuildDomain

/// Keeps the workers that have ever registered.
public protocol WorkerStore: Sendable {
    /// Adds the worker or takes over its new name, labels, capacity and version; sets the times by the store's clock.
    func register(_ worker: Worker) async throws(StoreError)

    /// Notes that the worker was heard of now, and whether it is draining.
    func touch(_ worker: WorkerID, isDraining: Bool) async throws(StoreError)

    /// All workers by name, with the number of their live attempts, and the store's time.
    func workers() async throws(StoreError) -> (now: Timestamp, workers: [(worker: Worker, running: Int)])
}
