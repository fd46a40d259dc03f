import Testing

@testable import PostgresStore

@Suite struct PostgresTransactionTests {
    private struct Deliberate: Error {}

    private func withTable(_ body: (PostgresPool) async throws -> Void) async throws {
        try await withPool { pool in
            try await pool.transaction { try $0.script("CREATE TABLE t (id bigint PRIMARY KEY, v text)") }
            try await body(pool)
        }
    }

    private func ids(_ pool: PostgresPool) async throws -> [Int64] {
        try await pool.read { try $0.query("SELECT id FROM t ORDER BY id").rows.map { try $0.int64(0) } }
    }

    private static func insert(_ id: Int64) -> PostgresStatement {
        PostgresStatement("INSERT INTO t (id) VALUES ($1)", [.int64(id)])
    }

    @Test func commitsWhenTheBodyReturnsAndRollsBackWhenItThrows() async throws {
        try await withTable { pool in
            try await pool.transaction { session in
                _ = try session.pipeline([Self.insert(1)])
            }
            await #expect(throws: Deliberate.self) {
                try await pool.transaction { session in
                    _ = try session.pipeline([Self.insert(2)])
                    throw Deliberate()
                }
            }
            #expect(try await ids(pool) == [1])
        }
    }

    @Test func commitsTogetherWithTheLastStatements() async throws {
        try await withTable { pool in
            try await pool.transaction { session in
                let results = try session.commit([Self.insert(1), Self.insert(2)])
                #expect(results.map(\.affectedRows) == [1, 1])
                #expect(throws: PostgresError.misuse("the transaction has ended")) { try session.query("SELECT 1") }
                #expect(throws: PostgresError.self) { try session.commit() }
            }
            try await pool.transaction { session in
                #expect(try session.query("SELECT count(*) FROM t").only().int64(0) == 2)
                try session.commit([Self.insert(3)])
            }
            try await pool.transaction { _ = try $0.commit() }
            #expect(try await ids(pool) == [1, 2, 3])
        }
    }

    @Test func errorsSayWhatTheServerSaid() async throws {
        try await withTable { pool in
            let violation = await postgresError {
                try await pool.transaction { _ = try $0.commit([Self.insert(1), Self.insert(1), Self.insert(2)]) }
            }
            #expect(violation?.sqlState == "23505")
            #expect(violation?.constraint == "t_pkey")
            #expect(violation?.detail == "Key (id)=(1) already exists.")
            #expect(violation?.isTransient == false)
            #expect(violation?.isConnectionLoss == false)
            let syntax = await postgresError { try await pool.read { try $0.execute("SELEKT") } }
            #expect(syntax?.sqlState == "42601")
            let zero = await postgresError { try await pool.read { try $0.execute("SELECT $1", [.text("a\0b")]) } }
            #expect(zero?.sqlState == "22021")
            let kept = try await ids(pool)
            #expect(kept.isEmpty)
        }
    }

    @Test func anErrorInTheMiddleOfAPipelineSkipsTheRest() async throws {
        try await withTable { pool in
            let error = await postgresError {
                try await pool.transaction { session in
                    _ = try session.query("SELECT 1")
                    return try session.pipeline([
                        Self.insert(1), PostgresStatement("SELECT 1 / $1::bigint", [.int64(0)]), Self.insert(2),
                        PostgresStatement("SELECT 'never prepared'"),
                    ]).count
                }
            }
            #expect(error?.sqlState == "22012")
            let kept = try await ids(pool)
            #expect(kept.isEmpty)
            // The statement that was skipped had not been prepared, and is now.
            let text = try await pool.read { try $0.query("SELECT 'never prepared'").only().text(0) }
            #expect(text == "never prepared")
        }
    }

    @Test func aFailureThatIsPassedOverDoesNotCommit() async throws {
        try await withTable { pool in
            let error = await postgresError {
                try await pool.transaction { session in
                    _ = try session.pipeline([Self.insert(1)])
                    _ = try? session.query("SELECT 1 / 0")
                }
            }
            guard case .misuse = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let kept = try await ids(pool)
            #expect(kept.isEmpty)
        }
    }

    @Test func aPipelineCarriesMoreThanTheSocketsHold() async throws {
        try await withTable { pool in
            let block = [UInt8](repeating: 7, count: 1 << 20)
            let lengths = try await pool.transaction { session in
                let statements = (0..<24).map { _ in PostgresStatement("SELECT $1", [.bytes(block)]) }
                return try session.pipeline(statements).map { try $0.only().bytes(0).count }
            }
            #expect(lengths == Array(repeating: 1 << 20, count: 24))
        }
    }

    @Test func deadlocksAndSerializationFailuresRunAgain() async throws {
        try await withTable { pool in
            try await pool.transaction { _ = try $0.commit([Self.insert(0)]) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await retryingConflicts {
                            try await pool.transaction { session in
                                let sql = "SELECT coalesce(v, '') FROM t WHERE id = 0"
                                try session.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                                let old = try session.query(sql).only().text(0)
                                try session.commit([
                                    PostgresStatement("UPDATE t SET v = $1 WHERE id = 0", [.text(old + "x")])
                                ])
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let value = try await pool.read { try $0.query("SELECT v FROM t").only().text(0) }
            #expect(value == "xxxx")
        }
    }

    @Test func aTableThatChangedIsPreparedAgain() async throws {
        try await withTable { pool in
            try await pool.transaction { _ = try $0.commit([Self.insert(1)]) }
            try await pool.withConnection { connection in
                _ = try await connection.read { try $0.query("SELECT * FROM t").count }
                try await connection.transaction { try $0.script("ALTER TABLE t ADD COLUMN w bigint") }
                let isNull = try await connection.read { try $0.query("SELECT * FROM t").only().isNull(2) }
                #expect(isNull)
                try await connection.read { try $0.script("DISCARD ALL") }
                #expect(try await connection.transaction { try $0.query("SELECT * FROM t").count } == 1)
            }
        }
    }

    @Test func preparedStatementsAreBounded() async throws {
        var configuration = try await freshConfiguration()
        configuration.preparedStatementLimit = 10
        let connection = try await PostgresConnection.open(configuration)
        for number in 0..<40 { _ = try await connection.read { try $0.query("SELECT \(number)").count } }
        let kept = try await connection.read {
            try $0.query("SELECT count(*) FROM pg_prepared_statements").only().int64(0)
        }
        #expect(kept <= 12)
        await connection.close()
        await #expect(throws: PostgresError.closed) { try await connection.read { try $0.execute("SELECT 1") } }
    }
}

/// Four writers of one row may collide more often than one transaction is tried.
private func retryingConflicts(_ body: () async throws -> Void) async throws {
    while true {
        do { return try await body() } catch let error as PostgresError where error.isConflict {}
    }
}
