import BuildDomain
import Orchestration
import Testing

@Suite(.timeLimit(.minutes(1))) struct OverdueTests {
    @Test(arguments: StoreKind.allCases) func cancelsThatNobodyConfirmedAreFound(kind: StoreKind) async throws {
        try await kind.use { test in
            let canceled = try await test.start()
            _ = try await test.start()
            try await test.cancel(canceled.build)
            #expect(try await test.store.overdue(.cancel(after: .seconds(60)), limit: 9).isEmpty)
            #expect(try await test.store.overdue(.cancel(after: .seconds(-1)), limit: 9) == [canceled.build])
            #expect(try await test.store.overdue(.cancel(after: .seconds(-1)), limit: 0).isEmpty)
            try await test.store.change(ChangeTarget(build: canceled.build)) { (build, context) throws(Refusal) in
                try build.forceCancel(patience: .zero, at: context.now)
            }
            #expect(try await test.store.build(canceled.build).status == .canceled)
            #expect(try await test.store.overdue(.cancel(after: .seconds(-1)), limit: 9).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases) func jobsWhoseTimeInTheQueueIsOverAreFound(kind: StoreKind) async throws {
        try await kind.use { test in
            // A negative time is over from the start; a submit could not ask for it.
            let late = try await test.submit(Fixture.seed([spec(queueTimeout: -1)]))
            _ = try await test.submit(Fixture.seed([spec(queueTimeout: 60)]))
            _ = try await test.submit()
            #expect(try await test.store.overdue(.queue, limit: 9) == [late.id])
            try await test.store.change(ChangeTarget(build: late.id)) { (build, context) throws(Refusal) in
                try build.expireQueue(at: context.now)
            }
            let ended = try await test.store.build(late.id)
            #expect(ended.status == .failed)
            #expect(ended.result.reason == .queueTimeout)
            #expect(try await test.store.overdue(.queue, limit: 9).isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases) func rulesAreKept(kind: StoreKind) async throws {
        try await kind.use { test in
            var spec = Fixture.spec()
            spec.rules = JobRules(
                queueTimeoutSeconds: 1, stepTimeoutSeconds: 2, noOutputTimeoutSeconds: 3,
                retryOn: RetryRule(exitCodes: [75, 1], reasons: [.timeout, .oom]))
            let build = try await test.submit(Fixture.seed([spec, Fixture.spec("plain")]))
            let kept = try await test.store.build(build.id).jobs.map(\.spec.rules)
            #expect(kept == [spec.rules, JobRules()])
        }
    }

    @Test(arguments: StoreKind.allCases) func aRerunIsKeptWithItsHistory(kind: StoreKind) async throws {
        try await kind.use { test in
            let first = try await test.start()
            try await test.finish(first, Fixture.end(.failed, reason: .script, exitCode: 1))
            try await test.store.change(ChangeTarget(build: first.build)) { (build, context) throws(Refusal) in
                try build.rerun(.failed, at: context.now)
            }
            let again = try await test.store.build(first.build)
            #expect(again.status == .pending)
            #expect(again.jobs[0].attemptsBeforeRerun == 1)
            let second = try #require(try await test.claim().first)
            #expect(second.build == first.build)
            try await test.finish(second)
            let ended = try await test.store.build(first.build)
            #expect(ended.status == .success)
            #expect(ended.jobs[0].attempts.map(\.status) == [.failed, .success])
            let history = try await test.store.history(of: first.build)
            let replayed = try #require(try Build(replaying: history))
            #expect(replayed.withoutLeases == ended.withoutLeases)
        }
    }

    @Test(arguments: StoreKind.allCases) func jobsAheadAreThoseThatAreHandedOutBefore(kind: StoreKind) async throws {
        try await kind.use { test in
            let first = try await test.submit()
            _ = try await test.submit(Fixture.seed([Fixture.spec(labels: ["gpu"])]))
            let second = try await test.submit()
            let urgent = try await test.submit(Fixture.seed(priority: 5))
            var ahead: [Int] = []
            for build in [first, second, urgent] {
                ahead.append(try await test.store.jobsAhead(of: build.jobs[0], in: build))
            }
            #expect(ahead == [1, 2, 0])
        }
    }

    @Test(arguments: StoreKind.allCases) func theNextRetryIsKnown(kind: StoreKind) async throws {
        try await kind.use { test in
            #expect(try await test.store.untilNextRetry() == nil)
            let attempt = try await test.start()
            var policy = RetryPolicy.standard
            policy.firstPause = .seconds(30)
            let slow = policy
            try await test.store.change(ChangeTarget(build: attempt.build, attempt: attempt.attempt)) {
                (build, context) throws(Refusal) in
                try build.lose(attempt: attempt.attempt, error: "", retry: slow, random: 500, at: context.now)
            }
            let pause = try #require(try await test.store.untilNextRetry())
            #expect(pause > .seconds(20) && pause <= .seconds(30))
            #expect(try await test.claim().isEmpty)
        }
    }

    private func spec(queueTimeout: Int) -> JobSpec {
        var spec = Fixture.spec()
        spec.rules.queueTimeoutSeconds = queueTimeout
        return spec
    }
}
