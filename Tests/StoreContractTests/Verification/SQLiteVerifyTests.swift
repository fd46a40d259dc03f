import BuildDomain
import GRDB
import Orchestration
import Testing

/// Damage in a real file, put there by SQL, each by itself.
@Suite(.timeLimit(.minutes(2))) struct SQLiteVerifyTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        var sql: String
        /// `kind: subject` of each finding, in order; `…` in the end for further ones.
        var found: [String]
        /// Whose attempt is named.
        var attempt = true

        var testDescription: String { sql }
    }

    /// `:build` and `:attempt` are the ids of the build that succeeded.
    static let all: [Damage] = [
        Damage(
            sql: "DELETE FROM job_events WHERE build_id = :build AND kind = 'attempt_ended'",
            found: ["end: ends in the history", "row: status of attempt 1", "…"]),
        Damage(
            sql: "DELETE FROM job_events WHERE build_id = :build AND kind = 'submitted'", found: ["lost: first event"],
            attempt: false),
        Damage(sql: "DELETE FROM job_events WHERE build_id = :build", found: ["lost: history"], attempt: false),
        Damage(
            sql: "UPDATE job_events SET data = replace(data, 'main', 'next') WHERE build_id = :build",
            found: ["row: ref of the build"], attempt: false),
        Damage(
            sql: "UPDATE job_events SET at = at + 1 WHERE build_id = :build AND kind = 'attempt_ended'",
            found: ["row: time of the end of attempt 1"]),
        Damage(
            sql: "UPDATE job_events SET data = '{}' WHERE build_id = :build AND kind = 'ended'",
            found: ["unreadable: history"], attempt: false),
        Damage(
            sql: """
                INSERT INTO job_events (build_id, job_id, attempt_id, at, kind, data)
                SELECT build_id, job_id, attempt_id, at, kind, data FROM job_events
                WHERE build_id = :build AND kind = 'attempt_ended'
                """, found: ["end: ends in the history", "transition: event 8 of 8, attempt_ended"]),
        Damage(
            sql: "UPDATE builds SET status = 'failed', reason = 'script' WHERE id = :build",
            found: ["row: status of the build", "row: reason of the build"], attempt: false),
        Damage(
            sql: "UPDATE attempts SET status = 'failed', reason = 'oom' WHERE id = :attempt",
            found: ["row: status of attempt 1", "row: reason of attempt 1"]),
        Damage(
            sql: "UPDATE jobs SET status = 'canceled' WHERE build_id = :build", found: ["row: status of job build"],
            attempt: false),
        Damage(
            sql: "UPDATE attempts SET log_sha256 = substr(log_sha256, 9) || '00000000' WHERE id = :attempt",
            found: ["row: seal of attempt 1", "log: log"]),
        Damage(
            sql: """
                UPDATE build_logs SET text = CAST(replace(text, 'line', 'lime') AS BLOB)
                WHERE attempt_id = :attempt AND first_line = 5
                """, found: ["log: log"]),
        Damage(sql: "DELETE FROM build_logs WHERE attempt_id = :attempt AND first_line = 1", found: ["log: log"]),
        Damage(sql: "DELETE FROM build_logs WHERE attempt_id = :attempt AND first_line = 5", found: ["log: log"]),
        Damage(sql: "DELETE FROM build_logs WHERE attempt_id = :attempt AND first_line = 10", found: ["log: log"]),
        Damage(
            sql: """
                UPDATE build_logs SET byte_offset = 9223372036854775807
                WHERE attempt_id = :attempt AND first_line = 5
                """,
            found: ["unreadable: log"]),
        Damage(
            sql: "UPDATE build_logs SET runs = zeroblob(20) WHERE attempt_id = :attempt AND first_line = 5",
            found: ["log: log"]),
        Damage(
            sql: "UPDATE jobs SET steps = '[{\"uses\":\"magic\"}]' WHERE build_id = :build",
            found: ["unreadable: rows"], attempt: false),
        Damage(
            sql: """
                DELETE FROM build_logs WHERE attempt_id = :attempt; DELETE FROM attempts WHERE id = :attempt;
                DELETE FROM jobs WHERE build_id = :build; DELETE FROM builds WHERE id = :build
                """, found: ["lost: rows", "log: log"], attempt: false),
    ]

    @Test(arguments: all)
    func isFoundAndNamed(damage: Damage) async throws {
        try await SQLiteFile.use { file in
            var target: AttemptReference?
            try await file.withStore { test in target = try await test.everything().succeeded }
            let attempt = try #require(target)
            let sql = damage.sql.replacing(":build", with: "'\(attempt.build)'")
                .replacing(":attempt", with: "'\(attempt.attempt)'")
            try await file.damage(sql)
            try await file.withStore { test in
                let (findings, counts) = try await test.verify()
                let found = findings.filter { $0.build == attempt.build.description }
                let lines = found.map { "\($0.kind): \($0.subject)" }
                if damage.found.last == "…" {
                    #expect(lines.starts(with: damage.found.dropLast()))
                } else {
                    #expect(lines == damage.found)
                }
                if damage.attempt { #expect(found.allSatisfy { $0.attempt == attempt.attempt }) }
                #expect(counts.builds == Everything.builds)
                #expect(counts.findings == findings.count)
                // Nothing that was not touched is called wrong.
                #expect(found == findings)
            }
        }
    }
}

extension SQLiteFile {
    /// Runs SQL that the schema forbids.
    fileprivate func damage(_ sql: String) async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; \(sql)")
        }
        try queue.close()
    }
}
