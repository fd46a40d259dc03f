import BuildDomain
import Orchestration

extension SQLiteStore {
    public func register(_ worker: Worker) async throws(StoreError) {
        let clock = clock
        try await writes.submit { (sqlite) throws(StoreError) in
            let now = clock.now.milliseconds
            let id = SQLValue.text(worker.id.description)
            try sqlite.run(
                WorkerSQL.register,
                [
                    id, .text(worker.name), .text(LabelSet.text(of: worker.labels)), SQLValue(worker.capacity),
                    .text(worker.version), SQLValue(worker.isDraining ? 1 : 0), .integer(now),
                ])
            return ((), [])
        }
    }

    public func touch(_ worker: WorkerID, isDraining: Bool) async throws(StoreError) {
        let clock = clock
        try await writes.submit { (sqlite) throws(StoreError) in
            try sqlite.run(
                "UPDATE workers SET last_seen_at = ?2, is_draining = ?3 WHERE id = ?1",
                [.text(worker.description), .integer(clock.now.milliseconds), SQLValue(isDraining ? 1 : 0)])
            return ((), [])
        }
    }

    public func workers() async throws(StoreError) -> (now: Timestamp, workers: [(worker: Worker, running: Int)]) {
        let workers = try await read { (sqlite) throws(StoreError) in
            try sqlite.all(WorkerSQL.list) { (row) throws(StoreError) in
                let row = row.of("workers")
                let worker = Worker(
                    id: try row.identifier(0), name: try row.text(1), labels: try row.json(2, LabelSet.labels),
                    capacity: Int(try row.integer(3)), version: try row.text(4), isDraining: try row.integer(5) != 0,
                    registeredAt: try row.time(6), lastSeenAt: try row.time(7))
                return (worker: worker, running: Int(try row.integer(8)))
            }
        }
        return (clock.now, workers)
    }
}

private enum WorkerSQL {
    static let register = """
        INSERT INTO workers (id, name, labels, capacity, version, is_draining, registered_at, last_seen_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
        ON CONFLICT (id) DO UPDATE SET name = ?2, labels = ?3, capacity = ?4, version = ?5, is_draining = ?6,
            last_seen_at = ?7
        """

    static let list = """
        SELECT w.id, w.name, w.labels, w.capacity, w.version, w.is_draining, w.registered_at, w.last_seen_at,
            coalesce(r.running, 0)
        FROM workers w LEFT JOIN (
            SELECT worker_id, count(*) AS running FROM attempts WHERE status = 'running' GROUP BY worker_id
        ) r ON r.worker_id = w.id
        ORDER BY w.name, w.id
        """
}
