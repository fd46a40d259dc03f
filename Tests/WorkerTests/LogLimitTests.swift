import BuildDomain
import TestSupport
import Testing

@testable import Worker

@Suite struct LogLimitTests {
    @Test func theHeadIsThreeQuarters() {
        var limit = LogLimit(total: 1000)
        let fits = limit.admits(750, after: 0)
        #expect(fits && !limit.isReached)
        let isMore = limit.admits(1, after: 750)
        #expect(!isMore && limit.isReached)
    }

    @Test func onceReachedNothingBelongsToTheHeadAnyMore() {
        var limit = LogLimit(total: 1000)
        let admitted = [limit.admits(751, after: 0), limit.admits(1, after: 0)]
        #expect(admitted == [false, false])
    }

    @Test func theTailKeepsTheNewestLinesAndCountsTheOthers() {
        var limit = LogLimit(total: 1000)
        for number in 0..<30 { limit.hold(run(lines: 2, bytes: 20), Array(repeating: UInt8(number), count: 20)) }
        #expect(limit.held.count == 12)
        #expect(limit.held.first?.text.first == 18)
        #expect(limit.held.last?.text.first == 29)
        #expect(limit.omittedLines == 36)
        #expect(limit.omittedBytes == 360)
    }

    @Test func theNewestPieceIsKeptHoweverLongItIs() {
        var limit = LogLimit(total: 100)
        limit.hold(run(lines: 1, bytes: 10), [UInt8](repeating: 1, count: 10))
        limit.hold(run(lines: 1, bytes: 500), [UInt8](repeating: 2, count: 500))
        #expect(limit.held.count == 1)
        #expect(limit.omittedLines == 1)
    }

    private func run(lines: Int, bytes: Int) -> LogRun {
        LogRun(time: Timestamp(milliseconds: 0), stream: .stdout, step: 1, lines: lines, bytes: bytes)
    }
}
