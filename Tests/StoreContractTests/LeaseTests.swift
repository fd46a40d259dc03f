import BuildDomain
import Orchestration
import Testing

@Suite(.timeLimit(.minutes(1))) struct LeaseTests {
    @Test(arguments: StoreKind.allCases) func aRenewalMovesTheLease(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start(lease: .seconds(-1))
            #expect(try await test.store.expiredAttempts(limit: 5) == [attempt])
            let answers = try await test.store.renew([attempt.attempt], of: Fixture.worker.id, for: .seconds(60))
            #expect(answers == [attempt.attempt: .held])
            #expect(try await test.store.expiredAttempts(limit: 5).isEmpty)
            let live = try #require(try await test.store.build(attempt.build).jobs[0].liveAttempt)
            #expect(live.lease.expiresAt >= live.startedAt + .seconds(60))
        }
    }

    @Test(arguments: StoreKind.allCases) func aChangeLeavesTheLeaseAlone(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start(lease: .seconds(-1))
            _ = try await test.store.renew([attempt.attempt], of: Fixture.worker.id, for: .seconds(60))
            let before = try await test.store.build(attempt.build).jobs[0].liveAttempt?.lease
            try await test.report(Fixture.progress(nil), of: attempt)
            #expect(try await test.store.build(attempt.build).jobs[0].liveAttempt?.lease == before)
        }
    }

    @Test(arguments: StoreKind.allCases) func aCancelRequestIsAnswered(kind: StoreKind) async throws {
        try await kind.use { test in
            let canceled = try await test.start(lease: .seconds(-1))
            let held = try await test.start()
            try await test.cancel(canceled.build)
            let answers = try await test.store.renew(
                [canceled.attempt, held.attempt], of: Fixture.worker.id, for: .seconds(60))
            #expect(answers == [canceled.attempt: .cancel, held.attempt: .held])
            #expect(try await test.store.expiredAttempts(limit: 5).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases) func whatIsNotTheWorkersIsStale(kind: StoreKind) async throws {
        try await kind.use { test in
            let finished = try await test.start()
            try await test.finish(finished)
            let lost = try await test.start()
            try await test.lose(lost)
            let held = try #require(try await test.claim().first)
            let unknown: AttemptID = Fresh.id()
            let ids = [finished.attempt, lost.attempt, unknown, held.attempt]
            let answers = try await test.store.renew(ids, of: Fixture.worker.id, for: .seconds(60))
            #expect(answers == [ids[0]: .stale, ids[1]: .stale, ids[2]: .stale, ids[3]: .held])
            let stranger = try await test.store.renew([held.attempt], of: Fresh.id(), for: .seconds(60))
            #expect(stranger == [held.attempt: .stale])
            #expect(try await test.store.renew([], of: Fixture.worker.id, for: .seconds(60)).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases) func expiredAttemptsComeLongestFirst(kind: StoreKind) async throws {
        try await kind.use { test in
            let hour = try await test.start(lease: .seconds(-3600))
            let minute = try await test.start(lease: .seconds(-60))
            let day = try await test.start(lease: .seconds(-86_400))
            _ = try await test.start(lease: .seconds(60))
            #expect(try await test.store.expiredAttempts(limit: 9) == [day, hour, minute])
            #expect(try await test.store.expiredAttempts(limit: 2) == [day, hour])
            try await test.lose(day)
            #expect(try await test.store.expiredAttempts(limit: 9) == [hour, minute])
        }
    }

    @Test(arguments: StoreKind.allCases) func anExpiredLeaseStillHoldsUntilItIsDeclaredLost(kind: StoreKind)
        async throws
    {
        try await kind.use { test in
            let attempt = try await test.start(lease: .seconds(-60))
            _ = try await test.store.append(Fixture.chunk(1...1), to: attempt.attempt)
            try await test.finish(attempt, Fixture.end(extent: Fixture.chunk(1...1).end))
            #expect(try await test.store.build(attempt.build).status == .success)
        }
    }

    @Test(arguments: StoreKind.allCases) func liveAttemptsAreTheWorkersOwn(kind: StoreKind) async throws {
        try await kind.use { test in
            let other = WorkerReference(id: Fresh.id(), name: "other")
            let mine = [try await test.start(), try await test.start()]
            try await test.submit()
            let theirs = try await test.claim(worker: other)
            let ended = try await test.start()
            try await test.finish(ended)
            #expect(try await Set(test.store.liveAttempts(of: Fixture.worker.id)) == Set(mine))
            #expect(try await test.store.liveAttempts(of: other.id) == theirs)
        }
    }
}
