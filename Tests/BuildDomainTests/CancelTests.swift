import BuildDomain
import Testing

@Suite struct CancelTests {
    @Test func aPendingBuildIsCanceledAtOnce() throws {
        var build = build(of: [job("a"), job("b", needs: ["a"])])
        try build.cancel(at: time(4))
        #expect(build.status == .canceled)
        #expect(build.result.reason == .canceled)
        #expect(build.cancelRequestedAt == time(4))
        #expect(build.finishedAt == time(4))
        #expect(build.jobs.map(\.status) == [.canceled, .canceled])
    }

    @Test func aRunningBuildWaitsForItsWorkers() throws {
        var build = build(of: [job("a"), job("b"), job("c", needs: ["a"])])
        let attempt = try build.start("a")
        try build.cancel(at: time(4))
        #expect(build.status == .running)
        #expect(["a", "b", "c"].map { build.status(of: $0) } == [.running, .canceled, .canceled])
        try build.end(attempt, .canceled, .canceled, code: 143)
        #expect(build.status == .canceled)
        #expect(build.result.reason == .canceled)
    }

    @Test func askingAgainChangesNothing() throws {
        var build = build()
        try build.start()
        try build.cancel(at: time(4))
        let before = build
        try build.cancel(at: time(5))
        #expect(build == before)
    }

    @Test func aFinishedBuildCannotBeCanceled() throws {
        for (outcome, status) in [(AttemptStatus.success, BuildStatus.success), (.failed, .failed)] {
            var build = build()
            try build.end(try build.start(), outcome, outcome == .failed ? .script : nil)
            let before = build
            #expect(throws: Refusal.alreadyFinished(status)) { try build.cancel(at: time(9)) }
            #expect(build == before)
        }
        var build = build()
        try build.cancel(at: time(4))
        #expect(throws: Refusal.alreadyFinished(.canceled)) { try build.cancel(at: time(9)) }
    }

    @Test func aJobThatSucceedsBeforeTheCancelReachesItHasSucceeded() throws {
        var build = build()
        let attempt = try build.start()
        try build.cancel(at: time(4))
        try build.end(attempt, code: 0)
        #expect(build.status == .success)
    }

    @Test func aJobThatFailsUnderACancelIsNotTriedAgain() throws {
        var build = build(of: [job("build", maxAttempts: 5)])
        let attempt = try build.start()
        try build.cancel(at: time(4))
        try build.end(attempt, .failed, .script, code: 1)
        #expect(build.status == .failed)
    }

    @Test func aWorkerLostUnderACancelMeansCanceled() throws {
        var build = build()
        let attempt = try build.start()
        try build.cancel(at: time(4))
        try build.lose(attempt: attempt, error: "", at: time(40))
        #expect(build.status == .canceled)
        #expect(build.status(of: "build") == .canceled)
    }

    @Test func aJobWhoseWorkerStoppedItIsCanceledWithoutARequest() throws {
        var build = build(of: [job("a"), job("b", needs: ["a"])])
        try build.end(try build.start("a"), .canceled, .canceled)
        #expect(build.jobs.map(\.status) == [.canceled, .skipped])
        #expect(build.status == .canceled)
    }
}

@Suite struct ForcingTests {
    @Test func aBuildIsForcedAlongItsStateMachine() throws {
        for target in [BuildStatus.success, .failed, .canceled] {
            var build = build(of: [job("a"), job("b")])
            try build.force(.running, worker: worker, attempt: counter(), at: time(1))
            #expect(build.status == .running)
            try build.force(target, worker: worker, attempt: counter(), at: time(2))
            #expect(build.status == target)
            #expect(try Build(replaying: build.recorded) == build.withoutRecorded)
        }
    }

    @Test func whatNoWorkerCouldDoCannotBeForced() throws {
        var build = build()
        for target in [BuildStatus.success, .failed, .pending] {
            #expect { try build.force(target, worker: worker, attempt: counter(), at: time(1)) } throws: {
                ($0 as? Refusal)?.isIllegal ?? false
            }
        }
        try build.force(.canceled, worker: worker, attempt: counter(), at: time(1))
        #expect(build.status == .canceled)
        #expect(throws: Refusal.alreadyFinished(.canceled)) {
            try build.force(.running, worker: worker, attempt: counter(), at: time(2))
        }
    }

    private func counter() -> () -> AttemptID {
        var last: UInt64 = 3000
        return {
            last += 1
            return id(last)
        }
    }
}
