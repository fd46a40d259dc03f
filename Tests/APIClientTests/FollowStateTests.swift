import APISchema
import BuildDomain
import Orchestration
import Testing

@testable import APIClient

@Suite struct FollowStateTests {
    private let attempt = AttemptID(high: 1, low: 1)
    private let second = AttemptID(high: 1, low: 2)

    @Test func linesThatComeAgainAreShownOnce() throws {
        var state = FollowState(after: nil)
        #expect(try state.take(Sample.line(1, of: attempt)) != nil)
        #expect(try state.take(Sample.line(2, of: attempt)) != nil)
        #expect(try state.take(Sample.line(1, of: attempt)) == nil)
        #expect(try state.take(Sample.line(2, of: attempt)) == nil)
        #expect(try state.take(Sample.line(3, of: attempt)) != nil)
        #expect(state.lastID == "\(attempt):3")
    }

    @Test func theNextAttemptBeginsWithItsFirstLine() throws {
        var state = FollowState(after: LogPosition(attempt: attempt, line: 9))
        #expect(try state.take(Sample.line(1, of: second)) != nil)
        #expect(state.lastID == "\(second):1")
    }

    @Test func aMissingLineIsNoticed() throws {
        var state = FollowState(after: LogPosition(attempt: attempt, line: 4))
        #expect(throws: FollowState.Flaw.gap(after: 4, next: 6)) { try state.take(Sample.line(6, of: attempt)) }
        #expect(throws: FollowState.Flaw.gap(after: 0, next: 2)) { try state.take(Sample.line(2, of: second)) }
        #expect(state.lastID == "\(attempt):4")
    }

    @Test func anUnchangedStateIsShownOnceAndNothingFollowsTheEnd() throws {
        var state = FollowState(after: nil)
        #expect(try state.take(Sample.build("state", "running")) != nil)
        #expect(try state.take(Sample.build("state", "running")) == nil)
        #expect(try state.take(Sample.build("end", "success")) != nil)
        #expect(state.hasEnded)
        #expect(try state.take(Sample.line(1, of: attempt)) == nil)
    }

    @Test func unknownEventsPassAndBrokenOnesDoNot() throws {
        var state = FollowState(after: nil)
        #expect(try state.take(ServerSentEvent(id: "", name: "weather", data: [1])) == nil)
        #expect(throws: FollowState.Flaw.self) {
            try state.take(ServerSentEvent(id: "nonsense", name: "line", data: Array("{}".utf8)))
        }
        #expect(throws: FollowState.Flaw.self) {
            try state.take(ServerSentEvent(id: "\(attempt):1", name: "line", data: Array("{}".utf8)))
        }
    }
}
