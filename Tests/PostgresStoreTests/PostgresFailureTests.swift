import TestSupport
import Testing

@testable import PostgresStore

@Suite struct PostgresFailureTests {
    private static let insert = PostgresStatement("INSERT INTO t VALUES (1)")

    private static func backend(_ session: PostgresSession) throws -> Int64 {
        try session.query("SELECT pg_backend_pid()").only().int64(0)
    }

    @Test func aKilledBackendIsReplaced() async throws {
        var limits = PostgresPool.Limits()
        limits.connections = 1
        try await withPool(limits: limits) { pool in
            let server = try await PostgresServer.shared()
            let first = try await pool.read(Self.backend)
            try await server.run("SELECT pg_terminate_backend(\(first), 5000)")
            let second = try await pool.transaction(Self.backend)
            #expect(first != second)
        }
    }

    @Test func aBackendKilledInATransactionRunsTheBodyAgain() async throws {
        try await withPool { pool in
            try await pool.transaction { try $0.script("CREATE TABLE t (id bigint)") }
            let tries = Recorder<Int64>()
            try await pool.transaction { session in
                let own = try Self.backend(session)
                tries.append(own)
                try session.execute("INSERT INTO t VALUES (1)")
                if tries.all.count == 1 { try session.execute("SELECT pg_terminate_backend($1::int)", [.int64(own)]) }
            }
            #expect(tries.all.count == 2)
            #expect(try await pool.read { try $0.query("SELECT count(*) FROM t").only().int64(0) } == 1)
        }
    }

    @Test func aCommitThatIsCutOffIsUnknown() async throws {
        try await withPool { pool in
            // A deferred trigger runs within the commit.
            try await pool.transaction {
                try $0.script(
                    """
                    CREATE TABLE t (id bigint);
                    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60); RETURN NULL; END $$;
                    CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION die();
                    """)
            }
            let error = await postgresError {
                try await pool.transaction { _ = try $0.commit([Self.insert]) }
            }
            guard case .commitOutcomeUnknown = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(error?.isConnectionLoss == true)
            #expect(error?.isTransient == false)
        }
    }

    @Test func cancellingATaskInterruptsItsStatement() async throws {
        try await withPool { pool in
            let connection = try await PostgresConnection.open(pool.configuration)
            let own = try await connection.read(Self.backend)
            for _ in 0..<20 {
                let sleeping = Task { try await connection.transaction { try $0.execute("SELECT pg_sleep(600)") } }
                try await eventually("it sleeps") {
                    try await pool.read {
                        let sql = "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $1::int"
                        return try $0.query(sql, [.int64(own)]).only().optionalBool(0) == true
                    }
                }
                sleeping.cancel()
                await #expect(throws: CancellationError.self) { try await sleeping.value }
                #expect(try await connection.read(Self.backend) == own)
            }
            #expect(!connection.isBroken)
            await connection.close()
        }
    }

    @Test func cancellingInTheMiddleOfManyNeverHitsTheNext() async throws {
        let connection = try await PostgresConnection.open(try await freshConfiguration())
        for round in 0..<200 {
            let task = Task {
                try await connection.transaction { session in
                    for _ in 0...(round % 20) { try session.execute("SELECT 1") }
                }
            }
            if round % 3 == 0 { await Task.yield() }
            task.cancel()
            _ = await task.result
            #expect(try await connection.transaction { try $0.query("SELECT 2::bigint").only().int64(0) } == 2)
        }
        await connection.close()
    }

    @Test func aTimeLimitIsNoCancellation() async throws {
        var configuration = try await freshConfiguration()
        configuration.statementTimeoutMilliseconds = 50
        let connection = try await PostgresConnection.open(configuration)
        let error = await postgresError { try await connection.read { try $0.execute("SELECT pg_sleep(60)") } }
        #expect(error?.sqlState == "57014")
        await connection.close()
    }
}
