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
}
