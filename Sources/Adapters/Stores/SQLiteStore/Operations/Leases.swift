import BuildDomain
import Orchestration

extension SQLiteStore {
    public func renew(
        _ attempts: [AttemptID], of worker: WorkerID, for lease: Duration
    ) async throws(StoreError) -> [AttemptID: LeaseAnswer] {
        guard !attempts.isEmpty else { return [:] }
        let clock = clock
        return try await writes.submit { (sqlite) throws(StoreError) in
            let until = clock.now + lease
            var answers: [AttemptID: LeaseAnswer] = [:]
            for attempt in attempts { answers[attempt] = try sqlite.renew(attempt, of: worker, until: until) }
            return (answers, [])
        }
    }

    public func expiredAttempts(limit: Int) async throws(StoreError) -> [AttemptReference] {
        let now = clock.now
        return try await read { (sqlite) throws(StoreError) in
            try sqlite.attempts(LeaseSQL.expired, [.integer(now.milliseconds), SQLValue(max(0, limit))])
        }
    }

    public func overdue(_ what: Overdue, limit: Int) async throws(StoreError) -> [BuildID] {
        let now = clock.now
        return try await read { (sqlite) throws(StoreError) in
            let (sql, patience) =
                switch what {
                case .cancel(let patience): (LeaseSQL.canceling, patience)
                case .queue: (LeaseSQL.queueExpired, Duration.zero)
                }
            let time = now.milliseconds - patience.wholeMilliseconds
            return try sqlite.all(sql, [.integer(time), SQLValue(max(0, limit))]) {
                (row) throws(StoreError) in try row.identifier(0)
            }
        }
    }

    public func jobsAhead(of job: Job, in build: Build) async throws(StoreError) -> Int {
        let now = clock.now.milliseconds
        let values: [SQLValue] = [
            .text(LabelSet.text(of: job.spec.labels)), SQLValue(build.priority), .text(job.id.description),
            .integer(now),
        ]
        return try await read { (sqlite) throws(StoreError) in
            Int(
                try sqlite.first(LeaseSQL.ahead, values) { (row) throws(StoreError) in try row.integer(0) } ?? 0)
        }
    }

    public func untilNextRetry() async throws(StoreError) -> Duration? {
        let now = clock.now
        return try readNow { (sqlite) throws(StoreError) in
            let next = try sqlite.first(LeaseSQL.nextRetry, [.integer(now.milliseconds)]) { (row) throws(StoreError) in
                try row.optional(0, row.time)
            }
            return (next ?? nil).map { $0 - now }
        }
    }

    public func liveAttempts(of worker: WorkerID) async throws(StoreError) -> [AttemptReference] {
        try await read { (sqlite) throws(StoreError) in
            try sqlite.attempts(LeaseSQL.live, [.text(worker.description)])
        }
    }
}

private enum LeaseSQL {
    static let renew = """
        UPDATE attempts SET lease_expires_at = ?3 WHERE id = ?1 AND worker_id = ?2 AND status = 'running'
        """

    static let isCanceled = """
        SELECT b.cancel_requested_at IS NOT NULL FROM attempts a JOIN builds b ON b.id = a.build_id WHERE a.id = ?
        """

    static let expired = """
        SELECT id, build_id, job_id FROM attempts WHERE status = 'running' AND lease_expires_at <= ?
        ORDER BY lease_expires_at, id LIMIT ?
        """

    static let canceling = """
        SELECT id FROM builds
        WHERE cancel_requested_at <= ? AND cancel_requested_at IS NOT NULL AND finished_at IS NULL
        ORDER BY cancel_requested_at LIMIT ?
        """

    static let queueExpired = """
        SELECT DISTINCT build_id FROM jobs WHERE queue_expires_at <= ? AND queue_expires_at IS NOT NULL LIMIT ?
        """

    static let ahead = """
        SELECT count(*) FROM jobs
        WHERE status = 'pending' AND labels = ?1 AND (priority > ?2 OR (priority = ?2 AND id < ?3)) AND not_before <= ?4
        """

    static let nextRetry = "SELECT min(not_before) FROM jobs WHERE status = 'pending' AND not_before > ?"

    static let live = """
        SELECT id, build_id, job_id FROM attempts WHERE status = 'running' AND worker_id = ? ORDER BY id
        """
}

extension SQLite {
    fileprivate func renew(
        _ attempt: AttemptID, of worker: WorkerID, until: Timestamp
    ) throws(StoreError) -> LeaseAnswer {
        let id = SQLValue.text(attempt.description)
        let renewed = try run(LeaseSQL.renew, [id, .text(worker.description), .integer(until.milliseconds)])
        guard renewed == 1 else { return .stale }
        let isCanceled = try first(LeaseSQL.isCanceled, [id]) { (row) throws(StoreError) in try row.integer(0) }
        return isCanceled == 1 ? .cancel : .held
    }

    fileprivate func attempts(_ sql: String, _ values: [SQLValue]) throws(StoreError) -> [AttemptReference] {
        try all(sql, values) { (row) throws(StoreError) in
            let row = row.of("attempts")
            return AttemptReference(
                build: try row.identifier(1), job: try row.identifier(2), attempt: try row.identifier(0))
        }
    }
}
