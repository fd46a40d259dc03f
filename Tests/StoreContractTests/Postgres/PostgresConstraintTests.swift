import BuildDomain
import Orchestration
import PostgresStore
import TestSupport
import Testing

/// What the state machines promise, the schema refuses to break, whoever writes.
@Suite(.timeLimit(.minutes(1))) struct PostgresConstraintTests {
    static let nonsense = [
        "UPDATE builds SET status = 'odd'",
        "UPDATE builds SET status = 'success'",
        "UPDATE builds SET finished_at = 1",
        "UPDATE builds SET reason = 'script'",
        "UPDATE builds SET priority = 1001",
        "UPDATE builds SET exit_code = 256",
        "UPDATE builds SET commit_sha = 'abc'",
        "UPDATE builds SET idempotency_key = 'k'",
        "UPDATE jobs SET status = 'failed'",
        "UPDATE jobs SET status = 'waiting'",
        "UPDATE jobs SET labels = '\"linux\"'",
        "UPDATE jobs SET env = '[]'",
        "UPDATE jobs SET max_attempts = 11",
        "UPDATE jobs SET timeout_s = 0",
        "UPDATE jobs SET build_id = gen_random_uuid()",
        "UPDATE attempts SET status = 'failed', finished_at = 1, reason = 'because'",
        "UPDATE attempts SET status = 'failed', finished_at = 1",
        "UPDATE attempts SET number = 0",
        "UPDATE attempts SET exit_code = 0",
        "UPDATE attempts SET log_length = 1",
        "UPDATE attempts SET finished_at = 1",
        "INSERT INTO attempts SELECT gen_random_uuid(), job_id, build_id, 2, worker_id, worker_name, status, reason, "
            + "exit_code, signal, error, commit_sha, steps, lease_expires_at, log_length, log_lines, log_sha256, "
            + "started_at, finished_at FROM attempts",
        "UPDATE build_logs SET length = length + 1",
        "UPDATE build_logs SET first_line = 2",
        "UPDATE build_logs SET byte_offset = -1",
        "UPDATE build_logs SET runs = '\\x00'",
        "INSERT INTO build_logs SELECT * FROM build_logs",
        "UPDATE job_events SET kind = 'party'",
        "UPDATE job_events SET data = 'null'",
        "DELETE FROM builds",
        "DELETE FROM attempts",
        "INSERT INTO api_tokens VALUES (gen_random_uuid(), 't', 'king', decode(repeat('00', 32), 'hex'), 1)",
        "INSERT INTO api_tokens VALUES (gen_random_uuid(), 't', 'user', decode(repeat('00', 31), 'hex'), 1)",
    ]

    @Test func nonsenseIsRefused() async throws {
        try await PostgresDatabase.use { database in
            let hub = SignalHub()
            try await StoreUnderTest(store: try await database.open(hub: hub), hub: hub).lend { test in
                let attempt = try await test.start()
                _ = try await test.store.append(Fixture.chunk(1...2), to: attempt.attempt)
                for sql in Self.nonsense {
                    await #expect("\(sql)") { try await database.run(sql) } throws: { error in
                        "\(error)".contains("violates")
                    }
                }
            }
        }
    }

    @Test func nonsenseFromWithinDoesNotTouchItsNeighbours() async throws {
        try await StoreKind.postgres.use { test in
            try await concurrently(60) { index in
                // Text that PostgreSQL cannot hold, and a number that the schema forbids.
                let seed =
                    switch index % 4 {
                    case 0: Fixture.seed(priority: 5000)
                    case 1: Fixture.seed(ref: "nul\0")
                    default: Fixture.seed()
                    }
                guard index % 4 < 2 else {
                    try await test.submit(seed)
                    return
                }
                await #expect { try await test.submit(seed) } throws: { error in
                    if case .broken = error as? StoreError { true } else { false }
                }
            }
            #expect(try await test.store.builds(BuildQuery(limit: 100)).count == 30)
        }
    }

    @Test func theLongestSetOfLabelsFits() async throws {
        try await StoreKind.postgres.use { test in
            // Longer than an entry of an index may be, and of a kind that does not compress.
            var generator = SystemRandomNumberGenerator()
            let labels = (0..<Label.maximumCount).map { _ in
                (0..<6).map { _ in String(generator.next(), radix: 36) }.joined().prefix(Label.maximumLength)
                    .description
            }
            let build = try await test.submit(Fixture.seed([Fixture.spec(labels: labels)])).id
            #expect(try await test.claim(limit: 5).isEmpty)
            #expect(try await test.claim(limit: 5, labels: labels + ["more"]).map(\.build) == [build])
        }
    }
}
