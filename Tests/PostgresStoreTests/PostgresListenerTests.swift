import TestSupport
import Testing

@testable import PostgresStore

@Suite struct PostgresListenerTests {
    @Test func notificationsArriveInOrder() async throws {
        try await withPool { pool in
            let payloads = Recorder<String>()
            let listener = try await PostgresListener.start(
                pool.configuration, onNotification: { payloads.append($0) }, onReconnect: {})
            for batch in 0..<10 {
                try await pool.transaction { session in
                    let statements = (0..<100).map { number in
                        PostgresStatement("SELECT pg_notify('mini_ci', $1)", [.text("\(batch * 100 + number)")])
                    }
                    try session.commit(statements)
                }
            }
            try await eventually("all arrived") { payloads.all.count == 1_000 }
            #expect(payloads.all == (0..<1_000).map { "\($0)" })
            await listener.close()
            try await pool.transaction { _ = try $0.execute("SELECT pg_notify('mini_ci', 'late')") }
            #expect(payloads.all.count == 1_000)
        }
    }

    @Test func itSurvivesARestartAndSaysSo() async throws {
        let server = try await PostgresServer.start()
        let configuration = PostgresConfiguration(conninfo: try await server.makeDatabase())
        let payloads = Recorder<String>()
        let reconnects = Recorder<Int>()
        let listener = try await PostgresListener.start(
            configuration, onNotification: { payloads.append($0) }, onReconnect: { reconnects.append(1) })
        try await server.run("NOTIFY mini_ci, 'before'", database: "test_1")
        try await eventually("the first arrived") { payloads.all == ["before"] }
        #expect(reconnects.all.isEmpty)
        try await server.stop()
        try await server.restart()
        try await eventually("it listens again") { reconnects.all.count == 1 }
        try await server.run("NOTIFY mini_ci, 'after'", database: "test_1")
        try await eventually("the second arrived") { payloads.all == ["before", "after"] }
        await listener.close()
        await server.remove()
    }

    @Test func itStopsWhileTheServerIsAway() async throws {
        let server = try await PostgresServer.start()
        let configuration = PostgresConfiguration(conninfo: server.uri(database: "postgres"))
        let listener = try await PostgresListener.start(configuration, onNotification: { _ in }, onReconnect: {})
        try await server.stop(.immediate)
        await listener.close()
        await server.remove()
        let error = await postgresError {
            try await PostgresListener.start(configuration, onNotification: { _ in }, onReconnect: {})
        }
        guard case .cannotConnect = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
