/// The statements that read builds, their jobs, attempts and events.
enum BuildSQL {
    /// Where each table's columns begin in ``columns``.
    static let jobBase = 15
    static let attemptBase = 31

    private static let columns = """
        b.id, b.repo_url, b.ref, b.commit_sha, b.command, b.priority, b.status, b.reason, b.exit_code, b.error,
        b.cancel_requested_at, b.created_at, b.started_at, b.finished_at, b.updated_at,
        j.id, j.position, j.name, j.needs, j.labels, j.steps, j.env, j.timeout_s, j.max_attempts, j.status,
        j.not_before, j.pending_since, j.started_at, j.finished_at, j.rules, j.attempts_before_rerun,
        a.id, a.number, a.worker_id, a.worker_name, a.status, a.reason, a.exit_code, a.signal, a.error, a.commit_sha,
        a.steps, a.lease_expires_at, a.log_length, a.log_lines, a.log_sha256, a.started_at, a.finished_at
        """

    private static let tables = """
        builds b LEFT JOIN jobs j ON j.build_id = b.id LEFT JOIN attempts a ON a.job_id = j.id
        """

    /// One statement, so that a build is seen as of one moment without a transaction.
    static let load = "SELECT \(columns) FROM \(tables) WHERE b.id = ANY($1) ORDER BY b.id, j.position, a.number"

    /// - Parameters:
    ///   - conditions: on the table `builds`, joined by `AND`.
    ///   - limit: the number of the limit's parameter.
    static func list(_ conditions: [String], limit: Int) -> String {
        let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        return """
            SELECT \(columns) FROM \(tables)
            WHERE b.id IN (SELECT id FROM builds \(filter) ORDER BY id DESC LIMIT $\(limit))
            ORDER BY b.id DESC, j.position, a.number
            """
    }

    /// Milliseconds since 1970 by the server's clock, at the moment this is evaluated.
    static let now = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

    static let readClock = "SELECT \(now)"

    /// The lock of the aggregate. Who changes a build, its jobs or its attempts (but for their leases) holds it. In the
    /// order of ids, so that two who want several wait for one another in one direction.
    static let lockBuilds = "SELECT id FROM builds WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"

    /// Keeps appends to the logs of these attempts out.
    static let lockAttempts = "SELECT id FROM attempts WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"

    /// Keeps others from submitting with the same keys meanwhile. Given in order, as the builds.
    static let lockKeys = "SELECT count(pg_advisory_xact_lock(hashtextextended(key, 0))) FROM unnest($1::text[]) AS key"

    static let byKey = """
        SELECT id, idempotency_key, idempotency_fingerprint FROM builds
        WHERE idempotency_key = ANY($1) AND idempotency_key IS NOT NULL
        """

    static let history = "SELECT at, data FROM job_events WHERE build_id = $1 ORDER BY id"

    /// Each half stops at the limit, so that a page costs a page and not the whole history.
    static let storedIDs = """
        (SELECT id FROM builds WHERE id < $1 ORDER BY id DESC LIMIT $2)
        UNION (SELECT DISTINCT build_id FROM job_events WHERE build_id < $1 ORDER BY build_id DESC LIMIT $2)
        ORDER BY id DESC LIMIT $2
        """

    static let countByStatus = "SELECT status, count(*) FROM builds GROUP BY status"

    static let pending = """
        WITH clock AS MATERIALIZED (SELECT \(now) AS now)
        SELECT (SELECT now FROM clock), count(*), min(pending_since) FROM jobs
        WHERE status = 'pending' AND not_before <= (SELECT now FROM clock)
        """
}
