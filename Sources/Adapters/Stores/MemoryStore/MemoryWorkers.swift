import BuildDomain
import Orchestration

extension MemoryStore {
    public func register(_ worker: Worker) async throws(StoreError) {
        try write { (state) throws(StoreError) in
            var worker = worker
            worker.lastSeenAt = clock.now
            worker.registeredAt = state.workers[worker.id]?.registeredAt ?? worker.lastSeenAt
            state.workers[worker.id] = worker
            return ((), [])
        }
    }

    public func touch(_ worker: WorkerID, isDraining: Bool) async throws(StoreError) {
        try write { (state) throws(StoreError) in
            state.workers[worker]?.lastSeenAt = clock.now
            state.workers[worker]?.isDraining = isDraining
            return ((), [])
        }
    }

    public func workers() async throws(StoreError) -> (now: Timestamp, workers: [(worker: Worker, running: Int)]) {
        try read { (state) throws(StoreError) in
            let running = state.liveAttempts.reduce(into: [:]) { $0[$1.attempt.worker.id, default: 0] += 1 }
            let workers = state.workers.values.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
            return (clock.now, workers.map { (worker: $0, running: running[$0.id] ?? 0) })
        }
    }
}
