import BuildDomain
import Orchestration

extension PostgresStore {
    public func renew(
        _ attempts: [AttemptID], of worker: WorkerID, for lease: Duration
    ) async throws(StoreError) -> [AttemptID: LeaseAnswer] {
        guard !attempts.isEmpty else { return [:] }
        let parameters: [PostgresValue] = [.ids(attempts), .id(worker), .int64(lease.wholeMilliseconds)]
        let renewed = try await read { session in
            try session.query(LeaseSQL.renew, parameters).rows.map { row in
                (id: try row.identifier(0) as AttemptID, isCanceled: try row.bool(1))
            }
        }
        var answers = Dictionary(attempts.map { ($0, LeaseAnswer.stale) }, uniquingKeysWith: { first, _ in first })
        for (id, isCanceled) in renewed { answers[id] = isCanceled ? .cancel : .held }
        return answers
    }

    public func expiredAttempts(limit: Int) async throws(StoreError) -> [AttemptReference] {
        try await attempts(LeaseSQL.expired, [.int64(Int64(max(0, limit)))])
    }

    public func overdue(_ what: Overdue, limit: Int) async throws(StoreError) -> [BuildID] {
        let (sql, patience) =
            switch what {
            case .cancel(let patience): (LeaseSQL.canceling, patience)
            case .queue: (LeaseSQL.queueExpired, .zero)
            }
        let parameters: [PostgresValue] = [.int64(patience.wholeMilliseconds), .int64(Int64(max(0, limit)))]
        return try await read { session in
            try session.query(sql, parameters).rows.map { row in try row.identifier(0) }
        }
    }

    public func jobsAhead(of job: Job, in build: Build) async throws(StoreError) -> Int {
        let parameters: [PostgresValue] = [
            .json(LabelSet.text(of: job.spec.labels)), .int64(Int64(build.priority)), .id(job.id),
        ]
        return try await read { session in try session.query(LeaseSQL.ahead, parameters).only().integer(0) }
    }

    public func untilNextRetry() async throws(StoreError) -> Duration? {
        try await read { session in
            try session.query(LeaseSQL.nextRetry).only().optionalInt64(0).map { .milliseconds($0) }
        }
    }

    public func liveAttempts(of worker: WorkerID) async throws(StoreError) -> [AttemptReference] {
        try await attempts(LeaseSQL.live, [.id(worker)])
    }

    private func attempts(_ sql: String, _ parameters: [PostgresValue]) async throws(StoreError) -> [AttemptReference] {
        try await read { session in
            try session.query(sql, parameters).rows.map { row in
                AttemptReference(
                    build: try row.identifier(1), job: try row.identifier(2), attempt: try row.identifier(0))
            }
        }
    }
}

private enum LeaseSQL {
    /// Locked in the order of ids first, as by those who change or append to several attempts.
    static let renew = """
        WITH held AS MATERIALIZED (
            SELECT id FROM attempts WHERE id = ANY($1) AND worker_id = $2 AND status = 'running'
            ORDER BY id FOR NO KEY UPDATE
        ), clock AS MATERIALIZED (SELECT \(BuildSQL.now) AS now)
        UPDATE attempts SET lease_expires_at = clock.now + $3
        FROM held, clock, builds b WHERE attempts.id = held.id AND b.id = attempts.build_id
        RETURNING attempts.id, b.cancel_requested_at IS NOT NULL
        """

    static let expired = """
        SELECT id, build_id, job_id FROM attempts
        WHERE status = 'running' AND lease_expires_at <= (SELECT \(BuildSQL.now))
        ORDER BY lease_expires_at, id LIMIT $1
        """

    static let canceling = """
        SELECT id FROM builds
        WHERE cancel_requested_at <= (SELECT \(BuildSQL.now)) - $1 AND cancel_requested_at IS NOT NULL
            AND finished_at IS NULL
        ORDER BY cancel_requested_at LIMIT $2
        """

    static let queueExpired = """
        SELECT DISTINCT build_id FROM jobs
        WHERE queue_expires_at <= (SELECT \(BuildSQL.now)) - $1 AND queue_expires_at IS NOT NULL LIMIT $2
        """

    static let ahead = """
        SELECT count(*) FROM jobs
        WHERE status = 'pending' AND md5(labels::text)::uuid = md5($1::jsonb::text)::uuid
            AND (priority > $2 OR (priority = $2 AND id < $3)) AND not_before <= (SELECT \(BuildSQL.now))
        """

    static let nextRetry = """
        WITH clock AS MATERIALIZED (SELECT \(BuildSQL.now) AS now)
        SELECT min(not_before) - (SELECT now FROM clock) FROM jobs
        WHERE status = 'pending' AND not_before > (SELECT now FROM clock)
        """

    static let live = """
        SELECT id, build_id, job_id FROM attempts WHERE status = 'running' AND worker_id = $1 ORDER BY id
        """
}
