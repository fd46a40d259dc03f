import TestSupport
import Testing

@testable import PostgresStore

/// What stops a server, one after the other on one that nobody else uses.
@Suite(.serialized) struct PostgresRestartTests {
    private static let starting = Task { try await PostgresServer.start(fsync: false) }

    @Test(arguments: [PostgresServer.Stop.fast, .immediate])
    func aWriteWaitsForTheServer(stop: PostgresServer.Stop) async throws {
        let server = try await Self.starting.value
        let pool = PostgresPool(PostgresConfiguration(conninfo: try await server.makeDatabase()))
        try await pool.transaction { try $0.script("CREATE TABLE t (id bigint)") }
        try await server.stop(stop)
        let writing = Task {
            try await pool.transaction { try $0.commit([PostgresStatement("INSERT INTO t VALUES (1)")]).count }
        }
        try await eventually("it waits for the server") { pool.waitingCount == 1 }
        try await server.restart()
        #expect(try await writing.value == 1)
        #expect(try await pool.read { try $0.query("SELECT count(*) FROM t").only().int64(0) } == 1)
        await pool.close()
    }

    @Test func everyIdleConnectionIsReplaced() async throws {
        let server = try await Self.starting.value
        let pool = PostgresPool(PostgresConfiguration(conninfo: server.tcpURI(database: "postgres")))
        for _ in 0..<2 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    group.addTask { _ = try await pool.read { try $0.execute("SELECT pg_sleep(0.01)") } }
                }
                try await group.waitForAll()
            }
            try await server.stop()
            try await server.restart()
        }
        await pool.close()
    }

    @Test func aListenerSurvivesAndSaysSo() async throws {
        let server = try await Self.starting.value
        let uri = try await server.makeDatabase()
        let payloads = Recorder<String>()
        let reconnects = Recorder<Int>()
        let listener = try await PostgresListener.start(
            PostgresConfiguration(conninfo: uri), onNotification: { payloads.append($0) },
            onReconnect: { reconnects.append(1) })
        try await notify(uri, "before")
        try await eventually("the first arrived") { payloads.all == ["before"] }
        #expect(reconnects.all.isEmpty)
        try await server.stop()
        try await server.restart()
        try await eventually("it listens again") { reconnects.all.count == 1 }
        try await notify(uri, "after")
        try await eventually("the second arrived") { payloads.all == ["before", "after"] }
        await listener.close()
    }

    @Test func aListenerStopsWhileTheServerIsAway() async throws {
        let server = try await Self.starting.value
        let configuration = PostgresConfiguration(conninfo: server.uri(database: "postgres"))
        let listener = try await PostgresListener.start(configuration, onNotification: { _ in }, onReconnect: {})
        try await server.stop(.immediate)
        let error = await postgresError {
            try await PostgresListener.start(configuration, onNotification: { _ in }, onReconnect: {})
        }
        await listener.close()
        try await server.restart()
        guard case .cannotConnect = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    private func notify(_ uri: String, _ payload: String) async throws {
        let connection = try await PostgresConnection.open(PostgresConfiguration(conninfo: uri))
        _ = try await connection.read { try $0.execute("SELECT pg_notify('mini_ci', $1)", [.text(payload)]) }
        await connection.close()
    }
}
