import BuildDomain
import Orchestration
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct ClaimTests {
    @Test(arguments: StoreKind.allCases) func priorityGoesFirstThenAge(kind: StoreKind) async throws {
        try await kind.use { test in
            var builds: [BuildID] = []
            for priority in [0, 5, 0, -3, 5] {
                builds.append(try await test.submit(Fixture.seed(priority: priority)).id)
            }
            let first = try await test.claim(limit: 2).map(\.build)
            #expect(first == [builds[1], builds[4]])
            let rest = try await test.claim(limit: 10).map(\.build)
            #expect(rest == [builds[0], builds[2], builds[3]])
            #expect(try await test.claim(limit: 10).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases) func orderHoldsAcrossLabels(kind: StoreKind) async throws {
        try await kind.use { test in
            var builds: [BuildID] = []
            for (labels, priority) in [(["b"], 1), ([], 1), (["a", "b"], 2), (["a"], 1)] {
                builds.append(
                    try await test.submit(Fixture.seed([Fixture.spec(labels: labels)], priority: priority)).id)
            }
            let claimed = try await test.claim(limit: 3, labels: ["a", "b"]).map(\.build)
            #expect(claimed == [builds[2], builds[0], builds[1]])
            #expect(try await test.claim(limit: 3, labels: ["a", "b"]).map(\.build) == [builds[3]])
        }
    }

    @Test(arguments: StoreKind.allCases) func allLabelsOfAJobMustBeTheWorkers(kind: StoreKind) async throws {
        try await kind.use { test in
            let needsBoth = try await test.submit(Fixture.seed([Fixture.spec(labels: ["linux", "arch=arm64"])])).id
            let needsOne = try await test.submit(Fixture.seed([Fixture.spec(labels: ["linux"])])).id
            let needsNone = try await test.submit(Fixture.seed([Fixture.spec()])).id
            #expect(try await test.claim(limit: 9, labels: ["windows"]).map(\.build) == [needsNone])
            #expect(try await test.claim(limit: 9, labels: ["linux", "big"]).map(\.build) == [needsOne])
            #expect(try await test.claim(limit: 9, labels: ["arch=arm64"]).isEmpty)
            #expect(try await test.claim(limit: 9, labels: ["x", "arch=arm64", "linux"]).map(\.build) == [needsBoth])
        }
    }

    @Test(arguments: StoreKind.allCases) func aClaimMakesARunningAttempt(kind: StoreKind) async throws {
        try await kind.use { test in
            let claimed = try await test.start(lease: .seconds(30))
            let build = try await test.store.build(claimed.build)
            let attempt = try #require(build.jobs.first?.liveAttempt)
            #expect(build.status == .running && build.startedAt == attempt.startedAt)
            #expect(build.jobs.first?.status == .running)
            #expect(attempt.id == claimed.attempt && attempt.number == 1 && attempt.worker == Fixture.worker)
            #expect(attempt.lease.expiresAt == attempt.startedAt + .seconds(30))
            #expect(attempt.steps.map(\.name) == ["checkout", "make test"])
        }
    }

    @Test(arguments: StoreKind.allCases) func oneClaimTakesSeveralJobsOfABuild(kind: StoreKind) async throws {
        try await kind.use { test in
            let build = try await test.submit(Fixture.seed((1...5).map { Fixture.spec("job \($0)") }))
            #expect(try await test.claim(limit: 4).count == 4)
            let stored = try await test.store.build(build.id)
            #expect(stored.jobs.count { $0.status == .running } == 4)
            #expect(try await Build(replaying: test.store.history(of: build.id)) == stored)
        }
    }

    @Test(arguments: StoreKind.allCases) func aJobThatBacksOffIsNotHandedOut(kind: StoreKind) async throws {
        try await kind.use { test in
            let later = Fixture.seed(priority: 9)
            _ = try await test.store.insert(key: nil) { Build(seed: later, at: $0 + .seconds(60)) }
            #expect(try await test.claim(limit: 5).isEmpty)
            let now = try await test.submit().id
            #expect(try await test.claim(limit: 5).map(\.build) == [now])
        }
    }

    @Test(arguments: StoreKind.allCases) func aRefusedTakeIsSkipped(kind: StoreKind) async throws {
        try await kind.use { test in
            let unwanted = try await test.submit().id
            let wanted = try await test.submit().id
            let filter = ClaimFilter(worker: Fixture.worker, labels: [], limit: 5)
            let claimed = try await test.store.claim(filter) { (build, job, now) throws(Refusal) in
                try build.claim(job: job, attempt: Fresh.id(), worker: Fixture.worker, lease: .seconds(9), at: now)
                guard build.id == wanted else { throw .alreadyFinished(.failed) }
                return build.id
            }
            #expect(claimed == [wanted])
            #expect(try await test.store.build(unwanted).status == .pending)
            #expect(try await test.claim(limit: 5).map(\.build) == [unwanted])
        }
    }

    @Test(arguments: StoreKind.allCases) func nothingIsClaimedWithoutALimit(kind: StoreKind) async throws {
        try await kind.use { test in
            try await test.submit()
            #expect(try await test.claim(limit: 0).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases) func everyJobIsHandedOutExactlyOnce(kind: StoreKind) async throws {
        try await kind.use { test in
            let jobs = 1000
            try await concurrently(jobs / 4) { _ in
                try await test.submit(Fixture.seed((0..<4).map { Fixture.spec("job \($0)") }))
            }
            let handedOut = Mutex<[JobID]>([])
            try await concurrently(64) { index in
                while case let claimed = try await test.claim(limit: 1 + index % 7), !claimed.isEmpty {
                    handedOut.withLock { $0 += claimed.map(\.job) }
                }
            }
            let all = handedOut.withLock { $0 }
            #expect(all.count == jobs)
            #expect(Set(all).count == jobs)
            #expect(try await test.store.liveAttempts(of: Fixture.worker.id).count == jobs)
        }
    }
}
