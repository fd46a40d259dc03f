import BuildDomain
import Testing

@testable import Orchestration

@Suite struct RecentLogsTests {
    private let attempt = AttemptID(high: 1, low: 1)

    @Test func itGivesTheLinesFromAnyLineItKnows() {
        let recent = RecentLogs()
        let chunks = series(5)
        for chunk in chunks { recent.add(chunk, of: attempt) }
        for first in Int64(1)...10 {
            let found = recent.chunks(of: attempt, from: first)
            #expect(found == Array(chunks.dropFirst(Int(first - 1) / 2)))
        }
    }

    @Test func itSaysNothingOfLinesItDoesNotKnow() {
        let recent = RecentLogs()
        #expect(recent.chunks(of: attempt, from: 1) == nil)
        let chunks = series(3)
        recent.add(chunks[1], of: attempt)
        #expect(recent.chunks(of: attempt, from: 1) == nil)
        #expect(recent.chunks(of: attempt, from: 3) == [chunks[1]])
        #expect(recent.chunks(of: attempt, from: 5) == nil)
    }

    @Test func aRepeatedChunkIsNotKeptTwice() {
        let recent = RecentLogs()
        let chunks = series(3)
        for chunk in chunks + chunks { recent.add(chunk, of: attempt) }
        #expect(recent.chunks(of: attempt, from: 1) == chunks)
    }

    @Test func afterAGapOnlyTheNewLinesAreKnown() {
        let recent = RecentLogs()
        let chunks = series(4)
        recent.add(chunks[0], of: attempt)
        recent.add(chunks[2], of: attempt)
        #expect(recent.chunks(of: attempt, from: 1) == nil)
        #expect(recent.chunks(of: attempt, from: 5) == [chunks[2]])
    }

    @Test func theOldestLinesGoWhenThereAreTooMany() {
        let chunks = series(4)
        let size = chunks[0].text.count
        let recent = RecentLogs(bytesPerLog: size * 2, maximumLogs: 4)
        for chunk in chunks { recent.add(chunk, of: attempt) }
        #expect(recent.chunks(of: attempt, from: 4) == nil)
        #expect(recent.chunks(of: attempt, from: 5) == Array(chunks.suffix(2)))
    }

    @Test func aChunkThatIsTooLargeIsNotKeptAndBreaksTheSeries() {
        let chunks = series(2)
        let recent = RecentLogs(bytesPerLog: 10, maximumLogs: 4)
        recent.add(chunks[0], of: attempt)
        recent.add(chunk([String(repeating: "x", count: 20)], after: chunks[0].end), of: attempt)
        #expect(recent.chunks(of: attempt, from: 1) == nil)
    }

    @Test func theLogThatCameFirstGoesWhenThereAreTooMany() {
        let recent = RecentLogs(bytesPerLog: 1000, maximumLogs: 3)
        let attempts = (1...5).map { AttemptID(high: 0, low: UInt64($0)) }
        for attempt in attempts { recent.add(chunk(["a"]), of: attempt) }
        #expect(attempts.map { recent.chunks(of: $0, from: 1) != nil } == [false, false, true, true, true])
        recent.forget(attempts[4])
        recent.add(chunk(["a"]), of: attempts[0])
        #expect(attempts.map { recent.chunks(of: $0, from: 1) != nil } == [true, false, true, true, false])
    }

    /// Consecutive chunks of two lines each.
    private func series(_ count: Int) -> [LogChunk] {
        var chunks: [LogChunk] = []
        for index in 0..<count {
            chunks.append(chunk(["\(index)a", "\(index)b"], after: chunks.last?.end ?? LogExtent()))
        }
        return chunks
    }
}
