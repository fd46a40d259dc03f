import BuildDomain
import Orchestration

extension PostgresStore {
    public func register(_ worker: Worker) async throws(StoreError) {
        try await statement(
            WorkerSQL.register,
            [
                .id(worker.id), .text(worker.name), .json(LabelSet.text(of: worker.labels)),
                .int64(Int64(worker.capacity)), .text(worker.version), .bool(worker.isDraining),
            ])
    }

    public func touch(_ worker: WorkerID, isDraining: Bool) async throws(StoreError) {
        try await statement(
            "UPDATE workers SET last_seen_at = \(BuildSQL.now), is_draining = $2 WHERE id = $1",
            [.id(worker), .bool(isDraining)])
    }

    public func workers() async throws(StoreError) -> (now: Timestamp, workers: [(worker: Worker, running: Int)]) {
        try await read { session in
            let results = try session.pipeline([
                PostgresStatement(WorkerSQL.list), PostgresStatement(BuildSQL.readClock),
            ])
            let workers = try results[0].rows.map { row in
                let worker = Worker(
                    id: try row.identifier(0), name: try row.text(1), labels: try row.json(2, LabelSet.labels),
                    capacity: try row.integer(3), version: try row.text(4), isDraining: try row.bool(5),
                    registeredAt: try row.time(6), lastSeenAt: try row.time(7))
                return (worker: worker, running: try row.integer(8))
            }
            return (now: try results[1].only().time(0), workers: workers)
        }
    }
}

private enum WorkerSQL {
    static let register = """
        INSERT INTO workers (id, name, labels, capacity, version, is_draining, registered_at, last_seen_at)
        SELECT $1, $2, $3, $4, $5, $6, now, now FROM (SELECT \(BuildSQL.now) AS now) AS clock
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, labels = excluded.labels, capacity = excluded.capacity,
            version = excluded.version, is_draining = excluded.is_draining, last_seen_at = excluded.last_seen_at
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
