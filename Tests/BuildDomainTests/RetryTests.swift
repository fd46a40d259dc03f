import BuildDomain
import Testing

@Suite struct RetryTests {
    @Test func aJobWhoseWorkerDiedIsOfferedAgain() throws {
        var build = build()
        let first = try build.start()
        try build.lose(attempt: first, error: "not heard of", at: time(30))
        #expect(build.status == .running)
        let job = try #require(build.job("build"))
        #expect(job.status == .pending)
        #expect(job.pendingSince == time(30))
        #expect(
            job.attempts.last?.end
                == AttemptEnd(
                    outcome: .failed, reason: .workerLost, error: "not heard of", seal: nil))
        let second = try build.start(at: time(31))
        #expect(try build.live(second).attempt.number == 2)
        #expect(build.job("build")?.startedAt == time(1))
        try build.end(second, code: 0)
        #expect(build.status == .success)
    }

    @Test func aJobThatLosesItsWorkerAgainAndAgainIsGivenUp() throws {
        var build = build()
        for _ in 0...RetryPolicy.standard.systemRetries {
            #expect(build.status(of: "build") == .pending)
            try build.lose(attempt: try build.start(), error: "", at: time(9))
        }
        #expect(build.status == .failed)
        #expect(build.result.reason == .workerLost)
        #expect(build.job("build")?.attempts.count == RetryPolicy.standard.systemRetries + 1)
    }

    @Test func aScriptThatFailsIsExecutedAsOftenAsAskedAndNoMore() throws {
        for wanted in 1...4 {
            var build = build(of: [job("build", maxAttempts: wanted)])
            for _ in 0..<wanted { try build.end(try build.start(), .failed, .script, code: 1) }
            #expect(build.status == .failed)
            #expect(build.job("build")?.attempts.count == wanted)
        }
    }

    @Test func lostWorkersDoNotCostTheScriptItsAttempts() throws {
        var build = build(of: [job("build", maxAttempts: 2)])
        try build.end(try build.start(), .failed, .script, code: 1)
        try build.lose(attempt: try build.start(), error: "", at: time(3))
        try build.lose(attempt: try build.start(), error: "", at: time(4))
        #expect(build.status(of: "build") == .pending)
        try build.end(try build.start(), .failed, .script, code: 1)
        #expect(build.status == .failed)
    }

    @Test func noJobIsExecutedMoreOftenThanTheHardCap() throws {
        var build = build(of: [job("build", maxAttempts: 1000)])
        for _ in 0..<RetryPolicy.standard.hardCap { try build.end(try build.start(), .failed, .script, code: 1) }
        #expect(build.status == .failed)
        let ends = [AttemptEnd](
            repeating: AttemptEnd(outcome: .failed, reason: .script, seal: .empty), count: RetryPolicy.standard.hardCap)
        #expect(decide(maxAttempts: 1000, ends: ends) == .giveUp)
        #expect(decide(maxAttempts: 1000, ends: ends.dropLast()) == .retry(after: .zero))
    }

    @Test func onlyFailuresAreRetried() {
        for outcome in [AttemptStatus.success, .canceled, .running] {
            let ends = [AttemptEnd(outcome: outcome, seal: .empty)]
            #expect(decide(maxAttempts: 5, ends: ends) == .giveUp)
        }
        #expect(decide(maxAttempts: 5, ends: []) == .giveUp)
    }

    /// What broke needs time to mend, and what failed together must not come back together.
    @Test func faultsOfTheSystemBackOffWithJitter() throws {
        let fault = AttemptEnd(outcome: .failed, reason: .workerLost, seal: nil)
        var policy = RetryPolicy.standard
        policy.systemRetries = 9
        let pauses = [(1, 0, 500), (1, 500, 1000), (1, 1000, 1500), (2, 500, 2000), (3, 500, 4000), (8, 500, 60_000)]
        for (faults, random, milliseconds) in pauses {
            let ends = [AttemptEnd](repeating: fault, count: faults)
            #expect(
                policy.decide(maxAttempts: 1, ends: ends, random: UInt64(random))
                    == .retry(after: .milliseconds(milliseconds)))
        }
    }

    @Test func aJobThatBacksOffIsClaimableOnlyAfterwards() throws {
        var build = build()
        let first = try build.start()
        try build.lose(attempt: first, error: "", retry: .standard, random: 500, at: time(30))
        let job = try #require(build.job("build"))
        #expect(job.notBefore == time(30) + .seconds(1))
        #expect(job.pendingSince == job.notBefore)
    }

    private func decide(maxAttempts: Int, ends: [AttemptEnd]) -> RetryPolicy.Decision {
        RetryPolicy.standard.decide(maxAttempts: maxAttempts, ends: ends, random: 0)
    }

    @Test func aRetryBuildsTheSameCommit() throws {
        var build = build(of: [job("build", maxAttempts: 2)])
        let first = try build.start()
        try build.report(progress(someCommit), attempt: first, at: time(2))
        try build.end(first, .failed, .script, code: 1)
        #expect(build.commit == someCommit)
        #expect(build.status(of: "build") == .pending)
    }
}

@Suite struct NeedsTests {
    @Test func aJobWaitsForAllItNeeds() throws {
        var build = build(of: [job("a"), job("b"), job("c", needs: ["a", "b"])])
        try build.end(try build.start("a"))
        #expect(build.status(of: "c") == .waiting)
        #expect { try build.start("c") } throws: { ($0 as? Refusal)?.isIllegal ?? false }
        try build.end(try build.start("b"), at: time(8))
        #expect(build.status(of: "c") == .pending)
        #expect(build.job("c")?.pendingSince == time(8))
    }

    @Test func whatNeedsAFailedJobIsSkippedAllTheWayDown() throws {
        var build = build(of: [
            job("d", needs: ["c"]), job("c", needs: ["b"]), job("b", needs: ["a"]), job("a"), job("free"),
        ])
        try build.end(try build.start("a"), .failed, .script, code: 1)
        #expect(["b", "c", "d"].map { build.status(of: $0) } == [.skipped, .skipped, .skipped])
        #expect(build.status == .running)
        try build.end(try build.start("free"))
        #expect(build.status == .failed)
        #expect(build.result.exitCode == 1)
    }

    @Test func aDiamondClosesOnce() throws {
        var build = build(of: [
            job("top"), job("left", needs: ["top"]), job("right", needs: ["top"]),
            job("bottom", needs: ["left", "right"]),
        ])
        try build.end(try build.start("top"))
        let (left, right) = (try build.start("left"), try build.start("right"))
        try build.end(right)
        #expect(build.status(of: "bottom") == .waiting)
        try build.end(left)
        #expect(build.status(of: "bottom") == .pending)
        try build.end(try build.start("bottom"))
        #expect(build.status == .success)
        let releases = build.recorded.filter { $0.event.kind == "job_released" }
        #expect(releases.count == 3)
    }

    @Test func aDiamondWithABrokenSideIsSkippedAtTheBottom() throws {
        var build = build(of: [
            job("top"), job("left", needs: ["top"]), job("right", needs: ["top"]),
            job("bottom", needs: ["left", "right"]),
        ])
        try build.end(try build.start("top"))
        let right = try build.start("right")
        try build.end(try build.start("left"), .failed, .script)
        #expect(build.status(of: "bottom") == .skipped)
        #expect(build.status == .running)
        try build.end(right)
        #expect(build.status == .failed)
    }

    @Test func aRetriedJobKeepsThoseWhoNeedItWaiting() throws {
        var build = build(of: [job("a", maxAttempts: 2), job("b", needs: ["a"])])
        try build.end(try build.start("a"), .failed, .script)
        #expect(build.status(of: "b") == .waiting)
        try build.end(try build.start("a"))
        #expect(build.status(of: "b") == .pending)
    }
}
