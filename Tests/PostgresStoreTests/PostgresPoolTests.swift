import TestSupport
import Testing

@testable import PostgresStore

@Suite struct PostgresPoolTests {
    private func limits(_ connections: Int, waiting: Int = 100, wait: Duration = .seconds(60)) -> PostgresPool.Limits {
        var limits = PostgresPool.Limits()
        limits.connections = connections
        limits.waiting = waiting
        limits.wait = wait
        return limits
    }

    /// Holds the only connection until the gate opens.
    private func hold(_ pool: PostgresPool, until gate: Gate) async throws -> Task<Void, any Error> {
        // With the connection open beforehand, getting it takes none of a caller's time.
        try await eventually("a connection is open") { (try? await pool.read { try $0.execute("SELECT 1") }) == 1 }
        let held = Gate()
        let task = Task {
            defer { held.open() }
            try await pool.withConnection { _ in
                held.open()
                await gate.wait()
            }
        }
        await held.wait()
        return task
    }

    @Test func whoComesFirstIsServedFirst() async throws {
        try await withPool(limits: limits(1)) { pool in
            let gate = Gate()
            let holder = try await hold(pool, until: gate)
            let order = Recorder<Int>()
            var tasks: [Task<Void, any Error>] = []
            for number in 0..<20 {
                tasks.append(Task { try await pool.withConnection { _ in order.append(number) } })
                try await eventually("\(number) waits") { pool.waitingCount == number + 1 }
            }
            gate.open()
            for task in tasks { try await task.value }
            try await holder.value
            #expect(order.all == Array(0..<20))
        }
    }

    @Test func tooManyAreRefusedAndTheLateToo() async throws {
        try await withPool(limits: limits(1, waiting: 2, wait: .milliseconds(200))) { pool in
            let gate = Gate()
            let holder = try await hold(pool, until: gate)
            let waiting = (0..<2).map { _ in Task { try await pool.read { try $0.execute("SELECT 1") } } }
            try await eventually("two wait") { pool.waitingCount == 2 }
            await #expect(throws: PostgresError.tooManyWaiting(limit: 2)) {
                try await pool.read { try $0.execute("SELECT 1") }
            }
            for task in waiting {
                let expected = PostgresError.waitTimedOut(.milliseconds(200), lastFailure: nil)
                await #expect(throws: expected) { try await task.value }
            }
            gate.open()
            try await holder.value
            #expect(try await pool.read { try $0.execute("SELECT 1") } == 1)
        }
    }

    @Test func whoWaitsCanBeCancelled() async throws {
        try await withPool(limits: limits(1)) { pool in
            let gate = Gate()
            let holder = try await hold(pool, until: gate)
            let waiting = Task { try await pool.read { try $0.execute("SELECT 1") } }
            try await eventually("one waits") { pool.waitingCount == 1 }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            gate.open()
            try await holder.value
        }
    }

    @Test func aWrongAddressIsReportedAtOnce() async throws {
        // The refusal is what must end the wait, however busy the machine is.
        var patient = PostgresPool.Limits()
        patient.wait = .seconds(120)
        let pool = PostgresPool(
            PostgresConfiguration(conninfo: "postgresql://x@127.0.0.1:1/x"), limits: patient)
        let error = await postgresError { try await pool.read { try $0.execute("SELECT 1") } }
        guard case .cannotConnect(let why) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(why.contains("Connection refused"))
        let nonsense = PostgresPool(PostgresConfiguration(conninfo: "no such=thing"))
        #expect(await postgresError { try await nonsense.read { try $0.execute("SELECT 1") } } != nil)
        await nonsense.close()
        await pool.close()
    }

    @Test func aClosedPoolRefuses() async throws {
        let pool = PostgresPool(try await freshConfiguration(), limits: limits(1))
        let gate = Gate()
        let holder = try await hold(pool, until: gate)
        let waiting = Task { try await pool.read { try $0.execute("SELECT 1") } }
        try await eventually("one waits") { pool.waitingCount == 1 }
        let closing = Task { await pool.close() }
        await #expect(throws: PostgresError.closed) { try await waiting.value }
        gate.open()
        try await holder.value
        await closing.value
        await #expect(throws: PostgresError.closed) { try await pool.read { try $0.execute("SELECT 1") } }
    }

    @Test func connectionsAreSharedByMany() async throws {
        try await withPool(limits: limits(4, waiting: 1_000)) { pool in
            try await pool.transaction { try $0.script("CREATE TABLE c (n bigint); INSERT INTO c VALUES (0)") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask { try await pool.transaction { _ = try $0.execute("UPDATE c SET n = n + 1") } }
                }
                try await group.waitForAll()
            }
            #expect(try await pool.read { try $0.query("SELECT n FROM c").only().int64(0) } == 200)
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            #expect(try await pool.read { try $0.query(sql).only().int64(0) } <= 4)
        }
    }

    @Test func nothingIsLeftOpen() async throws {
        let configuration = try await freshConfiguration()
        for _ in 0..<3 {
            let pool = PostgresPool(configuration, limits: limits(8))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { _ = try await pool.read { try $0.execute("SELECT pg_sleep(0.02)") } }
                }
                try await group.waitForAll()
            }
            await pool.close()
        }
        let connection = try await PostgresConnection.open(configuration)
        try await eventually("only this connection is left") {
            try await connection.read {
                let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                return try $0.query(sql).only().int64(0) == 1
            }
        }
        await connection.close()
    }
}
