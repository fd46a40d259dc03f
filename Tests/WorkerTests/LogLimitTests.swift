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

    @Test func linesOfOneMomentAreOnePiece() {
        var limit = LogLimit(total: 4 << 20)
        for _ in 0..<1000 { limit.hold(run(lines: 1, bytes: 2), Array("x\n".utf8)) }
        #expect(limit.held.count == 1)
        #expect(limit.held.first?.run.lines == 1000)
        #expect(limit.held.first?.text.count == 2000)
    }

    @Test func thereAreOnlySoManyPieces() {
        var limit = LogLimit(total: 64 << 20)
        let count = LogLimit.maximumPieces + 10
        for number in 0..<count { limit.hold(run(lines: 1, bytes: 2, at: Int64(number)), Array("x\n".utf8)) }
        #expect(limit.held.count == LogLimit.maximumPieces)
        #expect(limit.omittedLines == 10)
        #expect(limit.omittedBytes == 20)
    }

    private func run(lines: Int, bytes: Int, at time: Int64 = 0) -> LogRun {
        LogRun(time: Timestamp(milliseconds: time), stream: .stdout, step: 1, lines: lines, bytes: bytes)
    }
}
