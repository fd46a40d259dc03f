import BuildDomain
import Orchestration

extension PostgresStatement {
    static func insert(attempts rows: [(attempt: Attempt, job: JobID, build: BuildID)]) -> PostgresStatement {
        let attempts = rows.map(\.attempt)
        let ends = attempts.map(\.end)
        return PostgresStatement(
            """
            INSERT INTO attempts (id, job_id, build_id, number, worker_id, worker_name, status, reason, exit_code,
                signal, error, commit_sha, steps, lease_expires_at, log_length, log_lines, log_sha256, started_at,
                finished_at)
            SELECT id, job_id, build_id, number, worker_id, worker_name, status, reason, exit_code, signal, error,
                commit_sha, steps::json, lease_expires_at, log_length, log_lines, log_sha256, started_at, finished_at
            FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::uuid[], $6::text[], $7::text[],
                $8::text[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::bigint[],
                $15::bigint[], $16::bigint[], $17::text[], $18::bigint[], $19::bigint[]) AS n (id, job_id, build_id,
                number, worker_id, worker_name, status, reason, exit_code, signal, error, commit_sha, steps,
                lease_expires_at, log_length, log_lines, log_sha256, started_at, finished_at)
            """,
            [
                .ids(attempts.map(\.id)), .ids(rows.map(\.job)), .ids(rows.map(\.build)),
                .integers(attempts.map(\.number)), .ids(attempts.map(\.worker.id)),
                .textArray(attempts.map(\.worker.name)), .textArray(attempts.map(\.status.rawValue)),
                .textArray(ends.map { $0?.reason?.rawValue }), .integers(ends.map { $0?.exitCode }),
                .integers(ends.map { $0?.signal }), .textArray(ends.map { $0?.error }),
                .textArray(attempts.map { $0.commit?.description }),
                .textArray(attempts.map { StepJSON.text(of: $0.steps) }), .times(attempts.map(\.lease.expiresAt)),
                .int64Array(ends.map { $0?.seal?.extent.length }), .int64Array(ends.map { $0?.seal?.extent.lines }),
                .textArray(ends.map { $0?.seal?.sha256 }), .times(attempts.map(\.startedAt)),
                .times(attempts.map(\.finishedAt)),
            ])
    }

    /// Never the lease: it is renewed outside the aggregate, and what was loaded may be older.
    static func update(attempts: [Attempt]) -> PostgresStatement {
        let ends = attempts.map(\.end)
        return PostgresStatement(
            """
            UPDATE attempts SET status = n.status, reason = n.reason, exit_code = n.exit_code, signal = n.signal,
                error = n.error, commit_sha = n.commit_sha, steps = n.steps::json, log_length = n.log_length,
                log_lines = n.log_lines, log_sha256 = n.log_sha256, finished_at = n.finished_at
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[],
                $8::text[], $9::bigint[], $10::bigint[], $11::text[], $12::bigint[]) AS n (id, status, reason,
                exit_code, signal, error, commit_sha, steps, log_length, log_lines, log_sha256, finished_at)
            WHERE attempts.id = n.id
            """,
            [
                .ids(attempts.map(\.id)), .textArray(attempts.map(\.status.rawValue)),
                .textArray(ends.map { $0?.reason?.rawValue }), .integers(ends.map { $0?.exitCode }),
                .integers(ends.map { $0?.signal }), .textArray(ends.map { $0?.error }),
                .textArray(attempts.map { $0.commit?.description }),
                .textArray(attempts.map { StepJSON.text(of: $0.steps) }),
                .int64Array(ends.map { $0?.seal?.extent.length }), .int64Array(ends.map { $0?.seal?.extent.lines }),
                .textArray(ends.map { $0?.seal?.sha256 }), .times(attempts.map(\.finishedAt)),
            ])
    }

    /// Events are numbered in the order of the arrays.
    static func insert(events: [(build: BuildID, entry: RecordedEvent)]) throws -> PostgresStatement {
        PostgresStatement(
            """
            INSERT INTO job_events (build_id, job_id, attempt_id, at, kind, data)
            SELECT build_id, job_id, attempt_id, at, kind, data::json
            FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[]) WITH ORDINALITY
                AS n (build_id, job_id, attempt_id, at, kind, data, place)
            ORDER BY place
            """,
            [
                .ids(events.map(\.build)), .uuidArray(events.map { $0.entry.event.job.map { PostgresUUID($0) } }),
                .uuidArray(events.map { $0.entry.event.attempt.map { PostgresUUID($0) } }),
                .times(events.map(\.entry.at)), .textArray(events.map(\.entry.event.kind)),
                .textArray(try events.map { try EventJSON.text(of: $0.entry.event) }),
            ])
    }
}
