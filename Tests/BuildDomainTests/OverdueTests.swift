import BuildDomain
import Testing

@Suite struct OverdueTests {
    private func impatient(_ name: String, needs: [String] = []) -> JobSpec {
        var spec = job(name, needs: needs)
        spec.rules.queueTimeoutSeconds = 60
        return spec
    }

    @Test func aJobThatNobodyTakesFailsAfterItsTime() throws {
        var build = build(of: [impatient("a"), job("b", needs: ["a"])])
        try build.expireQueue(at: time(59))
        #expect(build.status == .pending)
        try build.expireQueue(at: time(60))
        #expect(build.jobs.map(\.status) == [.failed, .skipped])
        #expect(build.status == .failed)
        #expect(build.result.reason == .queueTimeout)
        #expect(build.result.error == "no worker took job 'a' within 60 s")
        #expect(build.finishedAt == time(60) && build.startedAt == nil)
        #expect(try Build(replaying: build.recorded) == build.withoutRecorded)
    }

    @Test func aJobThatWasTakenDoesNotWaitAnyMore() throws {
        var build = build(of: [impatient("a")])
        _ = try build.start("a", at: time(59))
        try build.expireQueue(at: time(1000))
        #expect(build.status == .running)
    }

    /// The pause before a retry is no time in the queue.
    @Test func theTimeOfARetryBeginsWhenItIsClaimable() throws {
        var build = build(of: [impatient("a")])
        let first = try build.start("a", at: time(50))
        try build.lose(attempt: first, error: "", retry: .standard, random: 500, at: time(100))
        #expect(build.job("a")?.queueExpiresAt == time(161))
        try build.expireQueue(at: time(161))
        #expect(build.result.reason == .queueTimeout)
    }

    @Test func aCancelThatNobodyConfirmsIsForced() throws {
        var build = build(of: [job("a"), job("b")])
        let attempt = try build.start("a")
        try build.cancel(at: time(10))
        try build.forceCancel(patience: .seconds(40), at: time(49))
        #expect(build.status == .running)
        try build.forceCancel(patience: .seconds(40), at: time(50))
        #expect(build.status == .canceled)
        #expect(build.jobs.map(\.status) == [.canceled, .canceled])
        let end = try #require(build.job("a")?.attempts.last?.end)
        #expect(end.reason == .canceled)
        #expect(end.error == "the worker did not confirm the cancel within 40 s")
        #expect(throws: Refusal.staleAttempt(attempt)) { try build.end(attempt, code: 0) }
    }

    /// Somebody looked, the worker renewed, and only then was the attempt to be ended.
    @Test func aLeaseThatWasRenewedMeanwhileIsNoLoss() throws {
        var build = build()
        let attempt = try build.start(at: time(1))
        try build.loseExpired(attempt: attempt, error: "", retry: .immediate, random: 0, at: time(20))
        #expect(build.status(of: "build") == .running)
        try build.loseExpired(attempt: attempt, error: "", retry: .immediate, random: 0, at: time(21))
        #expect(build.status(of: "build") == .pending)
    }

    @Test func whatWasNotCanceledIsNotForced() throws {
        var build = build()
        try build.start()
        try build.forceCancel(patience: .zero, at: time(1000))
        #expect(build.status == .running)
    }

    @Test func retriesCanBeLimitedToSomeFailures() {
        let policy = RetryPolicy.immediate
        let rule = RetryRule(exitCodes: [75], reasons: [.timeout])
        let ends: [(AttemptEnd, RetryPolicy.Decision)] = [
            (AttemptEnd(outcome: .failed, reason: .script, exitCode: 75, seal: .empty), .retry(after: .zero)),
            (AttemptEnd(outcome: .failed, reason: .timeout, seal: .empty), .retry(after: .zero)),
            (AttemptEnd(outcome: .failed, reason: .script, exitCode: 1, seal: .empty), .giveUp),
            (AttemptEnd(outcome: .failed, reason: .oom, seal: .empty), .giveUp),
            // What the system did is not the script's.
            (AttemptEnd(outcome: .failed, reason: .workerLost, seal: nil), .retry(after: .zero)),
        ]
        for (end, decision) in ends {
            #expect(policy.decide(maxAttempts: 3, rule: rule, ends: [end], random: 0) == decision)
        }
    }
}
