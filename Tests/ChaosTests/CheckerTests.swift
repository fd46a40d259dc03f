import APISchema
import BuildDomain
import Chaos
import Testing

/// Wrong histories, each with one flaw: the checker has to see it, and nothing else.
@Suite struct CheckerTests {
    private func promises(_ change: (inout MadeUp) -> Void) throws -> [Violation.Promise] {
        var history = try MadeUp()
        change(&history)
        return Checker.check(history.entries).map(\.promise)
    }

    @Test func aGoodHistoryHasNoViolations() throws {
        #expect(Checker.check(try MadeUp().entries).isEmpty)
        #expect(try promises { $0.lose(1) }.isEmpty)
        #expect(try promises { $0.lose(2) }.isEmpty)
    }

    @Test func anAcknowledgedBuildThatIsGoneIsSeen() throws {
        #expect(try promises { $0.isStored = false }.contains(.acknowledged))
    }

    @Test func aBuildWithAnotherCommandIsSeen() throws {
        #expect(try promises { $0.build.command = "true" } == [.acknowledged])
    }

    @Test func aBuildThatNeverEndsIsSeen() throws {
        #expect(try promises { $0.build.status = .running } == [.ends])
    }

    @Test func aCancelThatWasForgottenIsSeen() throws {
        #expect(
            try promises { $0.extra.append(.cancelAccepted(build: $0.build.id, at: $0.build.createdAt)) }
                == [.acknowledged])
    }

    @Test func aKeyThatMadeTwoBuildsIsSeen() throws {
        let found = try promises { history in
            var twin = history.build
            twin.id = BuildID(high: 99, low: 99)
            twin.jobs = []
            history.extra += [
                .submitted(plan: history.plan, key: "key", build: twin.id, at: twin.createdAt), .stored(build: twin),
                .event(build: twin.id, attempt: nil, at: twin.createdAt, kind: "ended"),
            ]
        }
        #expect(found == [.keys, .keys])
    }

    @Test func aSecondBuildThatNobodyWasToldOfIsSeen() throws {
        let found = try promises { history in
            var twin = history.build
            twin.id = BuildID(high: 99, low: 99)
            twin.jobs = []
            history.extra += [
                .stored(build: twin), .event(build: twin.id, attempt: nil, at: twin.createdAt, kind: "ended"),
            ]
        }
        #expect(found == [.keys])
    }

    @Test(arguments: ["attempt_ended", "attempt_started"])
    func anAttemptThatHasItTwiceIsSeen(kind: String) throws {
        #expect(try promises { $0.kinds.append(kind) } == [.oneEnd])
    }

    @Test func anAttemptWithoutAnEndIsSeen() throws {
        #expect(try promises { $0.kinds.removeAll { $0 == "attempt_ended" } } == [.oneEnd])
    }

    @Test func aBuildThatEndedTwiceIsSeen() throws {
        let found = try promises { history in
            history.extra.append(
                .event(build: history.build.id, attempt: nil, at: history.build.createdAt, kind: "ended"))
        }
        #expect(found == [.oneEnd])
    }

    @Test func aSuccessOfACommandThatFailsIsSeen() throws {
        #expect(try promises { $0.plan.exitCode = 3 }.contains(.outcomes))
    }

    @Test func aCancelThatNobodyAskedForIsSeen() throws {
        #expect(try promises { $0.build.status = .canceled } == [.outcomes])
    }

    @Test func aFullDiskWithoutAFaultIsSeen() throws {
        let found = try promises { history in
            history.build.status = .failed
            history.build.reason = .diskFull
        }
        #expect(found == [.outcomes])
    }

    @Test func aRetryAfterASuccessIsSeen() throws {
        let found = try promises { history in
            history.lose(1)
            history.build.jobs[0].attempts[0].status = .success
            history.build.jobs[0].attempts[0].reason = nil
        }
        #expect(found.contains(.retries))
    }

    @Test func aFourthAttemptIsSeen() throws {
        #expect(try promises { $0.lose(3) } == [.retries])
    }

    @Test func aBuildThatIsGivenUpTooEarlyIsSeen() throws {
        let found = try promises { history in
            history.lose(2)
            history.build.jobs[0].attempts.removeLast()
            history.build.status = .failed
            history.build.reason = .workerLost
            history.isWatched = false
        }
        #expect(found.contains(.retries))
    }

    @Test func whatWasReportedIsPassedOn() throws {
        #expect(try promises { $0.extra.append(.left(what: "process 1")) } == [.nothingLeft])
        #expect(try promises { $0.extra.append(.died(program: "a", why: "b")) } == [.processes])
        #expect(try promises { $0.extra.append(.refused(what: "a", why: "b")) } == [.answers])
        #expect(try promises { $0.extra.append(.flawed(what: "a")) } == [.verified])
    }
}
