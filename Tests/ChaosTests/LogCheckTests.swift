import APISchema
import BuildDomain
import Chaos
import Testing

/// Wrong logs and wrong streams.
@Suite struct LogCheckTests {
    private func promises(_ change: (inout MadeUp) -> Void) throws -> [Violation.Promise] {
        var history = try MadeUp()
        change(&history)
        return Checker.check(history.entries).map(\.promise)
    }

    @Test func aLineThatIsMissingRepeatedOrSwappedIsSeen() throws {
        // Followers that saw the same wrong log are no excuse.
        #expect(try promises { $0.changeLog { $0.remove(at: 3) } }.contains(.logs))
        #expect(try promises { $0.changeLog { $0.insert($0[3], at: 3) } }.contains(.logs))
        #expect(try promises { $0.changeLog { $0.swapAt(3, 4) } }.contains(.logs))
        #expect(try promises { $0.changeLog { $0.removeLast() } }.contains(.logs))
    }

    @Test func aLineOfAnotherBuildIsSeen() throws {
        #expect(try promises { $0.changeLog { $0[2].text = "build 8 attempt 1 line 2 of 6" } } == [.logs])
    }

    @Test func aLineOfAnotherAttemptIsSeen() throws {
        let found = try promises { history in
            history.lose(1)
            history.changeLog { $0[2].text = "build 7 attempt 1 line 2 of 6" }
        }
        #expect(found == [.logs])
    }

    @Test func aSealThatDoesNotFitIsSeen() throws {
        #expect(try promises { $0.build.jobs[0].attempts[0].logSHA256 = "another" } == [.logs])
        #expect(try promises { $0.build.jobs[0].attempts[0].logLines = 6 } == [.logs])
        #expect(try promises { $0.build.jobs[0].attempts[0].logSHA256 = nil } == [.logs])
    }

    @Test func aLogThatCannotBeReadIsSeen() throws {
        #expect(try promises { $0.logs = [:] }.contains(.logs))
    }

    @Test func aLostAttemptMayHaveABeginningAndNothingElse() throws {
        #expect(
            try promises { history in
                history.lose(1)
                history.logs[history.build.jobs[0].attempts[0].id]?[1].text = "something else"
            } == [.logs, .followers])
    }

    @Test func aFollowerThatSawALineTwiceIsSeen() throws {
        #expect(try promises { $0.changeStream { $0.insert($0[2], at: 3) } } == [.followers])
    }

    @Test func aFollowerThatMissedALineIsSeen() throws {
        #expect(try promises { $0.changeStream { $0.remove(at: 2) } } == [.followers])
        #expect(try promises { $0.changeStream { $0.removeLast() } } == [.followers])
    }

    @Test func aFollowerThatSawAnotherTextIsSeen() throws {
        #expect(try promises { $0.changeStream { $0[1].text = "another" } } == [.followers])
    }

    @Test func aFollowerThatSawThingsOutOfOrderIsSeen() throws {
        #expect(try promises { $0.changeStream { $0.swapAt(1, 2) } } == [.followers])
    }

    @Test func aFollowerThatHeardOfNoEndIsSeen() throws {
        #expect(try promises { $0.hasHeardOfTheEnd = false } == [.followers])
    }

    @Test func aStreamOverManyConnectionsIsOne() throws {
        #expect(try promises { $0.linesPerConnection = 2 }.isEmpty)
    }
}
