import BuildDomain
import Orchestration
import Testing

/// Each case would wait for ever (and run into its time limit) if the signal did not come.
@Suite(.timeLimit(.minutes(1))) struct SignalTests {
    @Test(arguments: StoreKind.allCases) func aSubmitWakesClaimers(kind: StoreKind) async throws {
        try await kind.use { test in
            let claimable = test.hub.subscribe([.claimable])
            try await test.submit()
            await claimable.next()
            #expect(try await test.claim().count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases) func everyChangeWakesWatchers(kind: StoreKind) async throws {
        try await kind.use { test in
            let build = try await test.submit().id
            let changes = test.hub.subscribe([.build(build)])
            let attempt = try #require(try await test.claim().first)
            await changes.next()
            try await test.report(Fixture.progress(nil), of: attempt)
            await changes.next()
            try await test.finish(attempt)
            await changes.next()
            #expect(try await test.store.build(build).status == .success)
        }
    }

    @Test(arguments: StoreKind.allCases) func aCancelWakesWorkers(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start()
            let cancels = test.hub.subscribe([.cancelRequests])
            try await test.cancel(attempt.build)
            await cancels.next()
            #expect(
                try await test.store.renew([attempt.attempt], of: Fixture.worker.id, for: .seconds(9))
                    == [attempt.attempt: .cancel])
        }
    }

    @Test(arguments: StoreKind.allCases) func aRetryAndAReleaseWakeClaimers(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start(Fixture.seed([Fixture.spec("a"), Fixture.spec("b", needs: ["a"])]))
            let claimable = test.hub.subscribe([.claimable])
            try await test.lose(attempt)
            await claimable.next()
            let again = try #require(try await test.claim().first)
            try await test.finish(again)
            await claimable.next()
            #expect(try await test.claim().count == 1)
        }
    }
}
