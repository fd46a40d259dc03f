import BuildDomain
import Orchestration
import Testing

@Suite(.timeLimit(.minutes(1))) struct SubmitTests {
    @Test(arguments: StoreKind.allCases) func whatIsSubmittedIsReadBack(kind: StoreKind) async throws {
        try await kind.use { test in
            let jobs = [
                Fixture.spec("lint"), Fixture.spec("a", needs: ["lint"], labels: ["os=linux", "big"], maxAttempts: 3),
            ]
            let seed = Fixture.seed(jobs, priority: -7, ref: "refs/heads/grün")
            let submitted = try await test.submit(seed)
            #expect(submitted.id == seed.id)
            #expect(submitted.jobs.map(\.spec) == jobs)
            #expect(submitted.recorded.isEmpty)
            #expect(try await test.store.build(seed.id) == submitted)
        }
    }

    @Test(arguments: StoreKind.allCases) func jobsKeepTheirOrder(kind: StoreKind) async throws {
        try await kind.use { test in
            let names = (0..<20).map { "job \(($0 * 7) % 20)" }
            let submitted = try await test.submit(Fixture.seed(names.map { Fixture.spec($0) }))
            #expect(try await test.store.build(submitted.id).jobs.map(\.spec.name) == names)
        }
    }

    @Test(arguments: StoreKind.allCases) func aFullCommitIsKnownAtOnce(kind: StoreKind) async throws {
        try await kind.use { test in
            let submitted = try await test.submit(Fixture.seed(ref: Fixture.commit))
            #expect(try await test.store.build(submitted.id).commit?.description == Fixture.commit)
        }
    }

    @Test(arguments: StoreKind.allCases) func anUnknownBuildIsNotFound(kind: StoreKind) async throws {
        try await kind.use { test in
            let id: BuildID = Fresh.id()
            await #expect(throws: StoreError.notFound) { try await test.store.build(id) }
            await #expect(throws: StoreError.notFound) { try await test.cancel(id) }
            await #expect(throws: StoreError.notFound) { try await test.store.history(of: id) }
        }
    }

    @Test(arguments: StoreKind.allCases) func aKeyMakesARepetitionHarmless(kind: StoreKind) async throws {
        try await kind.use { test in
            let key = IdempotencyKey(key: "k", fingerprint: "same")
            let first = try await test.submit(key: key)
            let again = Fixture.seed()
            #expect(try await test.store.insert(key: key) { Build(seed: again, at: $0) } == .repeated(first))
            await #expect(throws: StoreError.notFound) { try await test.store.build(again.id) }
            let other = IdempotencyKey(key: "k", fingerprint: "other")
            #expect(try await test.store.insert(key: other) { Build(seed: again, at: $0) } == .keyTaken(first.id))
            #expect(try await test.store.builds(BuildQuery(limit: 10)).count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases) func aRepetitionShowsTheBuildAsItIsNow(kind: StoreKind) async throws {
        try await kind.use { test in
            let key = IdempotencyKey(key: "k", fingerprint: "same")
            let first = try await test.submit(key: key)
            _ = try await test.claim()
            let again = try await test.submit(key: key)
            #expect(again.status == .running)
            #expect(again == (try await test.store.build(first.id)))
        }
    }

    @Test(arguments: StoreKind.allCases) func aKeyUsedAtOnceMakesOneBuild(kind: StoreKind) async throws {
        try await kind.use { test in
            try await concurrently(32) { _ in
                try await test.submit(key: IdempotencyKey(key: "k", fingerprint: "same"))
            }
            #expect(try await test.store.builds(BuildQuery(limit: 50)).count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases) func theStoreCanBeChecked(kind: StoreKind) async throws {
        try await kind.use { test in try await test.store.check() }
    }
}
