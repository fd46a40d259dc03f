import BuildDomain
import GRDB
import Orchestration
import SQLiteStore
import Testing

/// What the state machines promise, the schema refuses to break, whoever writes.
@Suite(.timeLimit(.minutes(1))) struct SQLiteConstraintTests {
    static let nonsense = [
        "UPDATE builds SET status = 'odd'",
        "UPDATE builds SET status = 'success'",
        "UPDATE builds SET finished_at = 1",
        "UPDATE builds SET reason = 'script'",
        "UPDATE builds SET priority = 1001",
        "UPDATE builds SET exit_code = 256",
        "UPDATE builds SET created_at = 'today'",
        "UPDATE builds SET commit_sha = 'abc'",
        "UPDATE builds SET idempotency_key = 'k'",
        "UPDATE builds SET id = 'x'",
        "UPDATE jobs SET status = 'failed'",
        "UPDATE jobs SET status = 'waiting'",
        "UPDATE jobs SET labels = '\"linux\"'",
        "UPDATE jobs SET env = '[]'",
        "UPDATE jobs SET max_attempts = 11",
        "UPDATE jobs SET timeout_s = 0",
        "UPDATE jobs SET build_id = '\(String(repeating: "0", count: 36))'",
        "UPDATE attempts SET status = 'failed', finished_at = 1, reason = 'because'",
        "UPDATE attempts SET status = 'failed', finished_at = 1",
        "UPDATE attempts SET number = 0",
        "UPDATE attempts SET exit_code = 0",
        "UPDATE attempts SET log_length = 1",
        "UPDATE attempts SET finished_at = 1",
        "INSERT INTO attempts SELECT '\(anyID)', job_id, build_id, 2, worker_id, worker_name, "
            + "status, reason, exit_code, signal, error, commit_sha, steps, lease_expires_at, log_length, log_lines, "
            + "log_sha256, started_at, finished_at FROM attempts",
        "UPDATE build_logs SET length = length + 1",
        "UPDATE build_logs SET first_line = 2",
        "UPDATE build_logs SET byte_offset = -1",
        "UPDATE build_logs SET runs = x'00'",
        "INSERT INTO build_logs SELECT * FROM build_logs",
        "UPDATE job_events SET kind = 'party'",
        "UPDATE job_events SET data = 'null'",
        "DELETE FROM builds",
        "DELETE FROM attempts",
        "INSERT INTO api_tokens VALUES ('\(anyID)', 't', 'king', zeroblob(32), 1, NULL, NULL)",
        "INSERT INTO api_tokens VALUES ('\(anyID)', 't', 'user', zeroblob(31), 1, NULL, NULL)",
    ]

    @Test func nonsenseIsRefused() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in
                let attempt = try await test.start()
                _ = try await test.store.append(Fixture.chunk(1...2), to: attempt.attempt)
                for sql in Self.nonsense {
                    await #expect("\(sql)") { try await file.execute(sql) } throws: { error in
                        let code = (error as? DatabaseError)?.resultCode
                        return code == .SQLITE_CONSTRAINT
                    }
                }
            }
        }
    }

    @Test func nonsenseFromWithinDoesNotTouchItsNeighbours() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { test in
                try await concurrently(60) { index in
                    let seed = Fixture.seed(priority: index % 4 == 0 ? 5000 : 0)
                    guard index % 4 == 0 else {
                        try await test.submit(seed)
                        return
                    }
                    await #expect { try await test.submit(seed) } throws: { error in
                        if case .broken(let message) = error as? StoreError { message.contains("CHECK") } else { false }
                    }
                }
                #expect(try await test.store.builds(BuildQuery(limit: 100)).count == 45)
            }
        }
    }
}

private let anyID = String(repeating: "1", count: 36)
