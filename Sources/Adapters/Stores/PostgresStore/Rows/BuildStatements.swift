import BuildDomain
import Orchestration

/// A row per element of arrays: many rows are written by one statement that is always the same text.
extension PostgresStatement {
    static func insert(builds rows: [(build: Build, key: IdempotencyKey?)]) -> PostgresStatement {
        let builds = rows.map(\.build)
        return PostgresStatement(
            """
            INSERT INTO builds (id, repo_url, ref, commit_sha, command, priority, status, reason, exit_code, error,
                cancel_requested_at, created_at, started_at, finished_at, updated_at, idempotency_key,
                idempotency_fingerprint)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
                $8::text[], $9::bigint[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],
                $15::bigint[], $16::text[], $17::text[])
            """,
            [
                .ids(builds.map(\.id)), .textArray(builds.map(\.repository.description)),
                .textArray(builds.map(\.ref.description)), .textArray(builds.map { $0.commit?.description }),
                .textArray(builds.map(\.command)), .integers(builds.map(\.priority)),
                .textArray(builds.map(\.status.rawValue)), .textArray(builds.map { $0.result.reason?.rawValue }),
                .integers(builds.map(\.result.exitCode)), .textArray(builds.map(\.result.error)),
                .times(builds.map(\.cancelRequestedAt)), .times(builds.map(\.createdAt)),
                .times(builds.map(\.startedAt)), .times(builds.map(\.finishedAt)), .times(builds.map(\.updatedAt)),
                .textArray(rows.map(\.key?.key)), .textArray(rows.map(\.key?.fingerprint)),
            ])
    }

    static func update(builds: [Build]) -> PostgresStatement {
        PostgresStatement(
            """
            UPDATE builds SET commit_sha = n.commit_sha, status = n.status, reason = n.reason, exit_code = n.exit_code,
                error = n.error, cancel_requested_at = n.cancel_requested_at, started_at = n.started_at,
                finished_at = n.finished_at, updated_at = n.updated_at
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bigint[],
                $8::bigint[], $9::bigint[], $10::bigint[]) AS n (id, commit_sha, status, reason, exit_code, error,
                cancel_requested_at, started_at, finished_at, updated_at)
            WHERE builds.id = n.id
            """,
            [
                .ids(builds.map(\.id)), .textArray(builds.map { $0.commit?.description }),
                .textArray(builds.map(\.status.rawValue)), .textArray(builds.map { $0.result.reason?.rawValue }),
                .integers(builds.map(\.result.exitCode)), .textArray(builds.map(\.result.error)),
                .times(builds.map(\.cancelRequestedAt)), .times(builds.map(\.startedAt)),
                .times(builds.map(\.finishedAt)), .times(builds.map(\.updatedAt)),
            ])
    }

    static func insert(jobs rows: [(job: Job, position: Int, build: Build)]) -> PostgresStatement {
        let jobs = rows.map(\.job)
        return PostgresStatement(
            """
            INSERT INTO jobs (id, build_id, position, name, needs, labels, steps, env, timeout_s, max_attempts,
                priority, status, not_before, pending_since, started_at, finished_at, rules, attempts_before_rerun,
                queue_expires_at)
            SELECT id, build_id, position, name, needs::json, labels::jsonb, steps::json, env::json, timeout_s,
                max_attempts, priority, status, not_before, pending_since, started_at, finished_at, rules::json,
                attempts_before_rerun, queue_expires_at
            FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::bigint[], $14::bigint[],
                $15::bigint[], $16::bigint[], $17::text[], $18::bigint[], $19::bigint[]) AS n (id, build_id, position,
                name, needs, labels, steps, env, timeout_s, max_attempts, priority, status, not_before, pending_since,
                started_at, finished_at, rules, attempts_before_rerun, queue_expires_at)
            """,
            [
                .ids(jobs.map(\.id)), .ids(rows.map(\.build.id)), .integers(rows.map(\.position)),
                .textArray(jobs.map(\.spec.name)), .textArray(jobs.map { JSONText.strings($0.spec.needs).text }),
                .textArray(jobs.map { LabelSet.text(of: $0.spec.labels) }),
                .textArray(jobs.map { StepJSON.text(of: $0.spec.steps) }),
                .textArray(jobs.map { JSONText.object($0.spec.environment.mapValues(JSONText.string)).text }),
                .integers(jobs.map(\.spec.timeoutSeconds)), .integers(jobs.map(\.spec.maxAttempts)),
                .integers(rows.map(\.build.priority)), .textArray(jobs.map(\.status.rawValue)),
                .times(jobs.map(\.notBefore)), .times(jobs.map(\.pendingSince)), .times(jobs.map(\.startedAt)),
                .times(jobs.map(\.finishedAt)), .textArray(jobs.map { RulesJSON.text(of: $0.spec.rules) }),
                .integers(jobs.map(\.attemptsBeforeRerun)), .times(jobs.map(\.queueExpiresAt)),
            ])
    }

    static func update(jobs: [Job]) -> PostgresStatement {
        PostgresStatement(
            """
            UPDATE jobs SET status = n.status, not_before = n.not_before, pending_since = n.pending_since,
                started_at = n.started_at, finished_at = n.finished_at,
                attempts_before_rerun = n.attempts_before_rerun, queue_expires_at = n.queue_expires_at
            FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                $8::bigint[]) AS n (id, status, not_before, pending_since, started_at, finished_at,
                attempts_before_rerun, queue_expires_at)
            WHERE jobs.id = n.id
            """,
            [
                .ids(jobs.map(\.id)), .textArray(jobs.map(\.status.rawValue)), .times(jobs.map(\.notBefore)),
                .times(jobs.map(\.pendingSince)), .times(jobs.map(\.startedAt)), .times(jobs.map(\.finishedAt)),
                .integers(jobs.map(\.attemptsBeforeRerun)), .times(jobs.map(\.queueExpiresAt)),
            ])
    }
}

extension PostgresValue {
    static func integers(_ values: [Int?]) -> PostgresValue { .int64Array(values.map { $0.map(Int64.init) }) }

    static func times(_ values: [Timestamp?]) -> PostgresValue { .int64Array(values.map { $0?.milliseconds }) }
}
