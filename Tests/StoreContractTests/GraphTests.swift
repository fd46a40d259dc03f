import BuildDomain
import Orchestration
import Testing

@Suite(.timeLimit(.minutes(1))) struct GraphTests {
    @Test(arguments: StoreKind.allCases) func aJobWaitsForWhatItNeeds(kind: StoreKind) async throws {
        try await kind.use { test in
            let build = try await test.submit(
                Fixture.seed([
                    Fixture.spec("lint"), Fixture.spec("test"), Fixture.spec("ship", needs: ["lint", "test"]),
                ])
            ).id
            let first = try await test.claim(limit: 9)
            #expect(first.count == 2)
            try await test.finish(first[0])
            #expect(try await test.claim(limit: 9).isEmpty)
            try await test.finish(first[1])
            let last = try await test.claim(limit: 9)
            #expect(last.count == 1)
            try await test.finish(last[0])
            let stored = try await test.store.build(build)
            #expect(stored.status == .success && stored.jobs.allSatisfy { $0.status == .success })
        }
    }

    @Test(arguments: StoreKind.allCases) func aFailureSkipsWhatNeedsIt(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start(
                Fixture.seed([
                    Fixture.spec("a"), Fixture.spec("b", needs: ["a"]), Fixture.spec("c", needs: ["b"]),
                ]))
            try await test.finish(attempt, Fixture.end(.failed, reason: .script, exitCode: 2))
            let build = try await test.store.build(attempt.build)
            #expect(build.jobs.map(\.status) == [.failed, .skipped, .skipped])
            #expect(build.status == .failed && build.result == BuildResult(reason: .script, exitCode: 2))
            #expect(try await test.claim(limit: 9).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases) func aRetryIsANewAttempt(kind: StoreKind) async throws {
        try await kind.use { test in
            let first = try await test.start(Fixture.seed([Fixture.spec(maxAttempts: 2)]))
            _ = try await test.store.append(Fixture.chunk(1...2), to: first.attempt)
            try await test.finish(
                first, Fixture.end(.failed, reason: .script, exitCode: 1, extent: Fixture.chunk(1...2).end))
            #expect(try await test.store.build(first.build).jobs[0].status == .pending)
            let second = try #require(try await test.claim().first)
            #expect(try await test.store.extent(of: second.attempt) == LogExtent())
            try await test.finish(second)
            let build = try await test.store.build(first.build)
            #expect(build.status == .success)
            #expect(build.jobs[0].attempts.map(\.number) == [1, 2])
            #expect(try await test.store.extent(of: first.attempt).lines == 2)
        }
    }

    @Test(arguments: StoreKind.allCases) func aPendingBuildIsCanceledAtOnce(kind: StoreKind) async throws {
        try await kind.use { test in
            let build = try await test.submit(Fixture.seed([Fixture.spec("a"), Fixture.spec("b", needs: ["a"])])).id
            try await test.cancel(build)
            let stored = try await test.store.build(build)
            #expect(stored.status == .canceled && stored.cancelRequestedAt != nil && stored.finishedAt != nil)
            #expect(stored.jobs.allSatisfy { $0.status == .canceled })
            #expect(try await test.claim(limit: 9).isEmpty)
            await #expect(throws: StoreError.refused(.alreadyFinished(.canceled))) { try await test.cancel(build) }
        }
    }

    @Test(arguments: StoreKind.allCases) func aRunningBuildIsCanceledByItsWorker(kind: StoreKind) async throws {
        try await kind.use { test in
            let attempt = try await test.start(Fixture.seed([Fixture.spec("a"), Fixture.spec("b", needs: ["a"])]))
            try await test.cancel(attempt.build)
            let asked = try await test.store.build(attempt.build)
            #expect(asked.status == .running && asked.jobs.map(\.status) == [.running, .canceled])
            try await test.cancel(attempt.build)
            #expect(try await test.store.build(attempt.build) == asked)
            try await test.finish(attempt, Fixture.end(.canceled, reason: .canceled, exitCode: nil))
            let build = try await test.store.build(attempt.build)
            #expect(build.status == .canceled && build.result.reason == .canceled)
        }
    }

    @Test(arguments: StoreKind.allCases) func theHistoryMakesTheBuild(kind: StoreKind) async throws {
        try await kind.use { test in
            let jobs = [Fixture.spec("a", maxAttempts: 2), Fixture.spec("b", needs: ["a"]), Fixture.spec("c")]
            let build = try await test.submit(Fixture.seed(jobs)).id
            func check() async throws {
                let history = try await test.store.history(of: build)
                #expect(try await Build(replaying: history) == test.store.build(build))
            }
            try await check()
            for attempt in try await test.claim(limit: 2) {
                try await test.report(Fixture.progress(nil), of: attempt)
                try await check()
                try await test.finish(attempt, Fixture.end(.failed, reason: .timeout, exitCode: nil))
                try await check()
            }
            let again = try #require(try await test.claim().first)
            try await test.lose(again)
            try await check()
            try await test.finish(try #require(try await test.claim().first))
            try await test.cancel(build)
            try await check()
            let kinds = try await test.store.history(of: build).map(\.event.kind)
            #expect(kinds.first == "submitted" && kinds.contains("job_retried") && kinds.last == "ended")
        }
    }
}
