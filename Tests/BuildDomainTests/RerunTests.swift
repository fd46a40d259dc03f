import BuildDomain
import Testing

@Suite struct RerunTests {
    @Test func aFailedBuildIsExecutedOnceMoreAndKeepsWhatItWas() throws {
        var build = build()
        let first = try build.start()
        try build.end(first, .failed, .script, code: 1, at: time(5))
        #expect(build.status == .failed)
        try build.rerun(.failed, at: time(10))
        #expect(build.status == .pending)
        #expect(build.result == BuildResult())
        #expect(build.finishedAt == nil && build.startedAt == nil)
        let job = try #require(build.job("build"))
        #expect(job.status == .pending)
        #expect(job.pendingSince == time(10))
        let second = try build.start(at: time(11))
        try build.end(second, code: 0, at: time(12))
        #expect(build.status == .success)
        let attempts = try #require(build.job("build")?.attempts)
        #expect(attempts.map(\.number) == [1, 2])
        #expect(attempts[0].end?.exitCode == 1)
        #expect(attempts[0].finishedAt == time(5))
    }

    @Test func onlyWhatDidNotSucceedAndWhatNeedsItIsExecuted() throws {
        var build = build(of: [job("a"), job("b"), job("c", needs: ["a", "b"]), job("d", needs: ["c"])])
        try build.end(try build.start("a"), code: 0)
        try build.end(try build.start("b"), .failed, .script, code: 1)
        #expect(build.jobs.map(\.status) == [.success, .failed, .skipped, .skipped])
        try build.rerun(.failed, at: time(10))
        #expect(build.jobs.map(\.status) == [.success, .pending, .waiting, .waiting])
        try build.end(try build.start("b"), code: 0)
        try build.end(try build.start("c"), code: 0)
        try build.end(try build.start("d"), code: 0)
        #expect(build.status == .success)
    }

    @Test func allMeansAll() throws {
        var build = build(of: [job("a"), job("b", needs: ["a"])])
        try build.end(try build.start("a"), code: 0)
        try build.end(try build.start("b"), code: 0)
        #expect(throws: Refusal.nothingToRerun) { try build.rerun(.failed, at: time(9)) }
        try build.rerun(.all, at: time(10))
        #expect(build.jobs.map(\.status) == [.pending, .waiting])
    }

    @Test func siblingsThatStillRunGoOn() throws {
        var build = build(of: [job("a"), job("b")])
        let running = try build.start("a")
        try build.end(try build.start("b"), .failed, .script, code: 1)
        try build.rerun(.failed, at: time(10))
        #expect(build.status == .running)
        #expect(build.jobs.map(\.status) == [.running, .pending])
        try build.end(running, code: 0)
        #expect(build.status == .running)
        try build.end(try build.start("b"), code: 0)
        #expect(build.status == .success)
    }

    @Test func aCanceledBuildCanBeExecutedOnceItHasEnded() throws {
        var build = build(of: [job("a"), job("b")])
        let running = try build.start("a")
        try build.cancel(at: time(5))
        #expect(throws: Refusal.cancelUnderWay) { try build.rerun(.all, at: time(6)) }
        try build.end(running, .canceled, .canceled)
        try build.rerun(.failed, at: time(7))
        #expect(build.cancelRequestedAt == nil)
        #expect(build.jobs.map(\.status) == [.pending, .pending])
    }

    @Test func retriesAreCountedAnew() throws {
        var build = build(of: [job("build", maxAttempts: 2)])
        for _ in 0..<2 { try build.end(try build.start(), .failed, .script, code: 1) }
        #expect(build.status == .failed)
        try build.rerun(.failed, at: time(9))
        try build.end(try build.start(), .failed, .script, code: 1)
        #expect(build.status(of: "build") == .pending)
        try build.end(try build.start(), .failed, .script, code: 1)
        #expect(build.status == .failed)
        #expect(build.job("build")?.attempts.count == 4)
    }

    @Test func itsHistoryRebuildsIt() throws {
        var build = build(of: [job("a"), job("b", needs: ["a"])])
        try build.end(try build.start("a"), .failed, .script, code: 1)
        try build.rerun(.failed, at: time(9))
        try build.end(try build.start("a"), code: 0)
        #expect(try Build(replaying: build.recorded) == build.withoutRecorded)
    }
}
