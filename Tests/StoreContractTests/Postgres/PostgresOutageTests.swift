import BuildDomain
import Orchestration
import PostgresStore
import Synchronization
import TestSupport
import Testing

/// A server that goes away and comes back.
@Suite(.serialized, .timeLimit(.minutes(2))) struct PostgresOutageTests {
    @Test(arguments: [PostgresServer.Stop.fast, .immediate])
    func aRestartIsSurvived(stop: PostgresServer.Stop) async throws {
        let server = try await PostgresServer.start(fsync: false)
        let hub = SignalHub()
        let database = PostgresDatabase(server: server, url: try await server.makeDatabase())
        let store = try await database.open(hub: hub)
        try await store.migrate()
        let test = StoreUnderTest(store: store, hub: hub)
        try await concurrently(200) { _ in try await test.submit() }
        let attempts = try await test.claim(limit: 200)

        // Some of these are answered before the server is gone, some are cut off, and some wait for it.
        let finishing = Task {
            try await concurrently(attempts.count) { index in
                try await patiently { try await test.finish(attempts[index]) }
            }
        }
        try await server.stop(stop)
        let missed = hub.subscribe([.claimable])
        try await server.restart()
        try await finishing.value
        // What other processes did meanwhile may have been missed: everybody is told to look again.
        await missed.next()
        #expect(try await patiently { try await store.statistics().builds } == [.success: 200])
        for attempt in attempts {
            let build = try await store.build(attempt.build)
            #expect(try await Build(replaying: store.history(of: attempt.build))?.withoutLeases == build.withoutLeases)
        }
        await store.close()
        await server.remove()
    }

    @Test func withoutAServerEverythingIsUnavailable() async throws {
        let server = try await PostgresServer.start(fsync: false)
        let database = PostgresDatabase(server: server, url: try await server.makeDatabase())
        let hub = SignalHub()
        let store = try await database.open(hub: hub)
        let test = StoreUnderTest(store: store, hub: hub)
        try await store.migrate()
        let attempt = try await test.start()
        try await server.stop()
        let calls: [@Sendable () async throws -> Void] = [
            { try await store.check() },
            { try await test.submit() },
            { try await test.finish(attempt) },
            { _ = try await test.claim() },
            { _ = try await store.append(Fixture.chunk(1...1), to: attempt.attempt) },
            { _ = try await store.build(attempt.build) },
        ]
        try await concurrently(calls.count) { index in
            await #expect { try await calls[index]() } throws: { error in
                if case .unavailable = error as? StoreError { true } else { false }
            }
        }
        await #expect { _ = try await database.open() } throws: { error in
            if case .unavailable = error as? StoreError { true } else { false }
        }
        try await server.restart()
        try await patiently { try await store.check() }
        try await test.finish(attempt)
        await store.close()
        await server.remove()
    }
}

/// Repeats `body` for as long as the store says that it may be repeated.
private func patiently<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    while true {
        do { return try await body() } catch StoreError.unavailable, StoreError.outcomeUnknown { continue }
    }
}
