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
        for _ in 0...RetryPolicy.systemRetries {
            #expect(build.status(of: "build") == .pending)
            try build.lose(attempt: try build.start(), error: "", at: time(9))
        }
        #expect(build.status == .failed)
        #expect(build.result.reason == .workerLost)
        #expect(build.job("build")?.attempts.count == RetryPolicy.systemRetries + 1)
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
        for _ in 0..<RetryPolicy.hardCap { try build.end(try build.start(), .failed, .script, code: 1) }
        #expect(build.status == .failed)
        let ends = [AttemptEnd](
            repeating: AttemptEnd(outcome: .failed, reason: .script, seal: .empty), count: RetryPolicy.hardCap)
        #expect(RetryPolicy.decide(maxAttempts: 1000, ends: ends) == .giveUp)
        #expect(RetryPolicy.decide(maxAttempts: 1000, ends: ends.dropLast()) == .retry)
    }

    @Test func onlyFailuresAreRetried() {
        for outcome in [AttemptStatus.success, .canceled, .running] {
            let ends = [AttemptEnd(outcome: outcome, seal: .empty)]
            #expect(RetryPolicy.decide(maxAttempts: 5, ends: ends) == .giveUp)
        }
        #expect(RetryPolicy.decide(maxAttempts: 5, ends: []) == .giveUp)
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
