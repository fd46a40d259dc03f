import BuildDomain
import Orchestration
import Testing

@Suite(.timeLimit(.minutes(1))) struct ListTests {
    @Test(arguments: StoreKind.allCases) func pagesGoFromNewToOld(kind: StoreKind) async throws {
        try await kind.use { test in
            var expected: [BuildID] = []
            for _ in 0..<7 { expected.insert(try await test.submit().id, at: 0) }
            var found: [BuildID] = []
            while true {
                let page = try await test.store.builds(BuildQuery(before: found.last, limit: 3))
                if page.isEmpty { break }
                found += page.map(\.id)
            }
            #expect(found == expected)
        }
    }

    @Test(arguments: StoreKind.allCases) func filtersNarrowTheList(kind: StoreKind) async throws {
        try await kind.use { test in
            let running = try await test.start(Fixture.seed(repository: "/repo/a", ref: "v1")).build
            let pending = try await test.submit(Fixture.seed(repository: "/repo/a", ref: "main")).id
            let other = try await test.submit(Fixture.seed(repository: "/repo/b", ref: "main")).id
            func list(_ query: BuildQuery) async throws -> [BuildID] { try await test.store.builds(query).map(\.id) }
            #expect(try await list(BuildQuery(repository: "/repo/a", limit: 9)) == [pending, running])
            #expect(try await list(BuildQuery(ref: "main", limit: 9)) == [other, pending])
            #expect(try await list(BuildQuery(status: .running, limit: 9)) == [running])
            #expect(
                try await list(BuildQuery(status: .pending, repository: "/repo/a", ref: "main", limit: 9)) == [pending])
            #expect(try await list(BuildQuery(repository: "/repo/a", before: pending, limit: 9)) == [running])
            #expect(try await list(BuildQuery(repository: "/repo/' OR 1=1 --", limit: 9)) == [])
        }
    }

    @Test(arguments: StoreKind.allCases) func aListedBuildIsTheWholeBuild(kind: StoreKind) async throws {
        try await kind.use { test in
            let jobs = [Fixture.spec("z"), Fixture.spec("a", needs: ["z"])]
            for _ in 0..<3 { try await test.submit(Fixture.seed(jobs)) }
            for attempt in try await test.claim(limit: 2) { try await test.finish(attempt) }
            for build in try await test.store.builds(BuildQuery(limit: 10)) {
                #expect(build == (try await test.store.build(build.id)))
            }
        }
    }

    @Test(arguments: StoreKind.allCases) func statisticsCountWhatWaits(kind: StoreKind) async throws {
        try await kind.use { test in
            #expect(
                try await test.store.statistics()
                    == StoreStatistics(builds: [:], pendingJobs: 0, oldestPendingAge: .zero))
            try await test.finish(try await test.start())
            let jobs = [Fixture.spec("a"), Fixture.spec("b"), Fixture.spec("c", needs: ["a"])]
            let seed = Fixture.seed(jobs)
            _ = try await test.store.insert(key: nil) { Build(seed: seed, at: $0 + .seconds(-60)) }
            let backingOff = Fixture.seed()
            _ = try await test.store.insert(key: nil) { Build(seed: backingOff, at: $0 + .seconds(60)) }
            let statistics = try await test.store.statistics()
            #expect(statistics.builds == [.success: 1, .pending: 2])
            #expect(statistics.pendingJobs == 2)
            #expect((Duration.seconds(60)..<Duration.seconds(120)).contains(statistics.oldestPendingAge))
        }
    }
}
