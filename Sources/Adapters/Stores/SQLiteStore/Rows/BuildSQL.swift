/// The statements about builds, their jobs, attempts and events.
enum BuildSQL {
    /// Where each table's columns begin in ``columns``.
    static let jobBase: Int32 = 15
    static let attemptBase: Int32 = 31

    private static let columns = """
        b.id, b.repo_url, b.ref, b.commit_sha, b.command, b.priority, b.status, b.reason, b.exit_code, b.error,
        b.cancel_requested_at, b.created_at, b.started_at, b.finished_at, b.updated_at,
        j.id, j.position, j.name, j.needs, j.labels, j.steps, j.env, j.timeout_s, j.max_attempts, j.status,
        j.not_before, j.pending_since, j.started_at, j.finished_at, j.rules, j.attempts_before_rerun,
        a.id, a.number, a.worker_id, a.worker_name, a.status, a.reason, a.exit_code, a.signal, a.error, a.commit_sha,
        a.steps, a.lease_expires_at, a.log_length, a.log_lines, a.log_sha256, a.started_at, a.finished_at
        """

    /// Outer joins keep their order, so the rows of a build, and in it those of a job, come together.
    private static let tables = """
        builds b LEFT JOIN jobs j ON j.build_id = b.id LEFT JOIN attempts a ON a.job_id = j.id
        """

    /// One statement, so that a build is seen as of one moment without a transaction.
    static let load = "SELECT \(columns) FROM \(tables) WHERE b.id = ?"

    /// - Parameter conditions: on the table `builds`, joined by `AND`.
    static func list(_ conditions: [String]) -> String {
        let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        return """
            SELECT \(columns) FROM \(tables)
            WHERE b.id IN (SELECT id FROM builds \(filter) ORDER BY id DESC LIMIT ?)
            """
    }

    static let byKey = "SELECT id, idempotency_fingerprint FROM builds WHERE idempotency_key = ?"

    static let insertBuild = """
        INSERT INTO builds (id, repo_url, ref, commit_sha, command, priority, status, reason, exit_code, error,
            cancel_requested_at, created_at, started_at, finished_at, updated_at, idempotency_key,
            idempotency_fingerprint)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let updateBuild = """
        UPDATE builds SET commit_sha = ?2, reason = ?3, exit_code = ?4, error = ?5, cancel_requested_at = ?6,
            started_at = ?7, finished_at = ?8, updated_at = ?9, status = ?10
        WHERE id = ?1
        """

    /// Without the status, so that the index on it is left alone.
    static let updateBuildInPlace = """
        UPDATE builds SET commit_sha = ?2, reason = ?3, exit_code = ?4, error = ?5, cancel_requested_at = ?6,
            started_at = ?7, finished_at = ?8, updated_at = ?9
        WHERE id = ?1
        """

    static let insertJob = """
        INSERT INTO jobs (id, build_id, position, name, needs, labels, steps, env, timeout_s, max_attempts, priority,
            status, not_before, pending_since, started_at, finished_at, rules, attempts_before_rerun,
            queue_expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let updateJob = """
        UPDATE jobs SET status = ?2, not_before = ?3, pending_since = ?4, started_at = ?5, finished_at = ?6,
            attempts_before_rerun = ?7, queue_expires_at = ?8
        WHERE id = ?1 AND (status, not_before, pending_since, started_at, finished_at, attempts_before_rerun)
            IS NOT (?2, ?3, ?4, ?5, ?6, ?7)
        """

    static let insertAttempt = """
        INSERT INTO attempts (id, job_id, build_id, number, worker_id, worker_name, status, reason, exit_code, signal,
            error, commit_sha, steps, lease_expires_at, log_length, log_lines, log_sha256, started_at, finished_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// Never the lease: it is renewed outside the aggregate, and what was loaded may be older.
    static let updateAttempt = """
        UPDATE attempts SET status = ?2, reason = ?3, exit_code = ?4, signal = ?5, error = ?6, commit_sha = ?7,
            steps = ?8, log_length = ?9, log_lines = ?10, log_sha256 = ?11, finished_at = ?12
        WHERE id = ?1
        """

    /// Of a running attempt only this changes.
    static let updateProgress = "UPDATE attempts SET commit_sha = ?2, steps = ?3 WHERE id = ?1"

    static let insertEvent = """
        INSERT INTO job_events (build_id, job_id, attempt_id, at, kind, data) VALUES (?, ?, ?, ?, ?, ?)
        """

    static let history = "SELECT id, at, data FROM job_events WHERE build_id = ? ORDER BY id"

    /// Each half stops at the limit, so that a page costs a page and not the whole history.
    static let storedIDs = """
        SELECT id FROM (SELECT id FROM builds WHERE id < ?1 ORDER BY id DESC LIMIT ?2)
        UNION SELECT build_id FROM (
            SELECT DISTINCT build_id FROM job_events WHERE build_id < ?1 ORDER BY build_id DESC LIMIT ?2)
        ORDER BY 1 DESC LIMIT ?2
        """

    static let countByStatus = "SELECT status, count(*) FROM builds GROUP BY status"

    static let pending = """
        SELECT count(*), min(pending_since) FROM jobs WHERE status = 'pending' AND not_before <= ?
        """
}
