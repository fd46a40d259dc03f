import BuildDomain
import Orchestration
import PostgresStore
import Synchronization
import TestSupport
import Testing

/// Two processes on one database, as two stores with a hub each.
@Suite(.timeLimit(.minutes(1))) struct PostgresSharingTests {
    @Test func signalsArriveAcross() async throws {
        try await withTwo { here, there in
            let claimable = there.hub.subscribe([.claimable])
            let build = try await here.submit().id
            await claimable.next()

            let changes = there.hub.subscribe([.build(build)])
            let attempt = try #require(try await here.claim().first)
            await changes.next()

            let lines = there.hub.subscribe([.log(attempt.attempt)])
            _ = try await here.store.append(Fixture.chunk(1...3), to: attempt.attempt)
            await lines.next()
            #expect(try await there.store.extent(of: attempt.attempt) == Fixture.chunk(1...3).end)

            let cancels = here.hub.subscribe([.cancelRequests])
            try await there.cancel(build)
            await cancels.next()
            #expect(
                try await here.store.renew([attempt.attempt], of: Fixture.worker.id, for: .seconds(9))
                    == [attempt.attempt: .cancel])
        }
    }

    @Test func manyBuildsAreSignaledAcross() async throws {
        try await withTwo { here, there in
            // More than one notification can name.
            try await concurrently(300) { _ in try await here.submit() }
            let builds = try await here.store.builds(BuildQuery(limit: 300)).map(\.id)
            let changes = builds.map { there.hub.subscribe([.build($0)]) }
            #expect(try await here.claim(limit: 300).count == 300)
            for change in changes { await change.next() }
        }
    }

    @Test func aProcessHearsItsOwnSignalsOnce() async throws {
        try await withTwo { here, there in
            let own = here.hub.subscribe([.claimable])
            let build = try await here.submit().id
            await own.next()
            // Notifications come in the order of commits: when the answer is here, what came back would be, too.
            let answer = here.hub.subscribe([.cancelRequests])
            try await there.cancel(build)
            await answer.next()
            let claimed = Mutex(false)
            let waiting = Task {
                let topics = await own.next()
                claimed.withLock { $0 = true }
                return topics
            }
            await giveWay()
            #expect(!claimed.withLock { $0 })
            waiting.cancel()
            #expect(await waiting.value.isEmpty)
        }
    }

    @Test func everyJobIsHandedOutExactlyOnce() async throws {
        try await withTwo { here, there in
            let jobs = 1200
            try await concurrently(jobs / 4) { index in
                let labels = index % 3 == 0 ? ["linux"] : []
                let seed = Fixture.seed((0..<4).map { Fixture.spec("job \($0)", labels: labels) })
                try await (index % 2 == 0 ? here : there).submit(seed)
            }
            let handedOut = Mutex<[AttemptReference]>([])
            try await concurrently(64) { index in
                let test = index % 2 == 0 ? here : there
                while case let claimed = try await test.claim(limit: 1 + index % 7, labels: ["linux"]), !claimed.isEmpty
                {
                    handedOut.withLock { $0 += claimed }
                    // Another process may end what this one has begun.
                    for attempt in claimed { try await (index % 3 == 0 ? here : there).finish(attempt) }
                }
            }
            let all = handedOut.withLock { $0 }
            #expect(all.count == jobs)
            #expect(Set(all.map(\.job)).count == jobs)
            #expect(try await there.store.statistics().builds == [.success: jobs / 4])
        }
    }

    @Test func changesOfOneBuildFollowOneAnother() async throws {
        try await withTwo { here, there in
            let attempt = try await here.start()
            try await concurrently(60) { index in
                let target = ChangeTarget(build: attempt.build, attempt: attempt.attempt)
                try await (index % 2 == 0 ? here : there).store.change(target) { (build, context) throws(Refusal) in
                    let (_, live) = try build.live(attempt.attempt)
                    let steps = live.steps + [Step(name: "step \(index)")]
                    try build.report(
                        AttemptProgress(commit: nil, steps: steps), attempt: attempt.attempt, at: context.now)
                }
            }
            let build = try await there.store.build(attempt.build)
            #expect(build.jobs[0].attempts[0].steps.count == 62)
            #expect(try await Build(replaying: here.store.history(of: attempt.build)) == build)
        }
    }

    @Test func aKeyUsedAtOnceMakesOneBuild() async throws {
        try await withTwo { here, there in
            try await concurrently(64) { index in
                let key = IdempotencyKey(key: "key \(index % 4)", fingerprint: "same")
                try await (index % 8 < 4 ? here : there).submit(key: key)
            }
            #expect(try await here.store.builds(BuildQuery(limit: 50)).count == 4)
        }
    }

    private func withTwo(_ body: (StoreUnderTest, StoreUnderTest) async throws -> Void) async throws {
        try await PostgresDatabase.use { database in
            let hubs = (SignalHub(), SignalHub())
            let here = StoreUnderTest(store: try await database.open(hub: hubs.0), hub: hubs.0)
            let there = StoreUnderTest(store: try await database.open(hub: hubs.1), hub: hubs.1)
            try await here.lend { here in try await there.lend { there in try await body(here, there) } }
        }
    }
}
