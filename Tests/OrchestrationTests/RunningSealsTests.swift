import BuildDomain
import Testing

@testable import Orchestration

@Suite struct RunningSealsTests {
    private let attempt = AttemptID(high: 1, low: 1)
    private let seals = RunningSeals(maximumLogs: 2)
    private let first = chunk(["one", "two"])
    private var second: LogChunk { chunk(["three"], after: first.end) }

    @Test func itIsTheSealOfAllThatWasAdded() {
        #expect(seals.seal(of: attempt) == nil)
        add(first)
        #expect(seals.seal(of: attempt) == seal(of: ["one", "two"]))
        add(second)
        #expect(seals.seal(of: attempt) == seal(of: ["one", "two", "three"]))
    }

    @Test func whatIsSentTwiceCountsOnce() {
        add(first)
        seals.add(first, of: attempt, stored: first.end)
        add(second)
        seals.add(first, of: attempt, stored: second.end)
        #expect(seals.seal(of: attempt) == seal(of: ["one", "two", "three"]))
    }

    @Test func aLogWhoseBeginningWentElsewhereIsNotKnown() {
        add(second)
        #expect(seals.seal(of: attempt) == nil)
    }

    @Test func aLogWithAGapIsNotKnownAnyMore() {
        add(first)
        add(chunk(["four"], after: second.end))
        #expect(seals.seal(of: attempt) == nil)
    }

    @Test func aChunkThatOverlapsWhatIsStoredMakesItForget() {
        add(first)
        let both = chunk(["one", "two", "three"])
        seals.add(both, of: attempt, stored: both.end)
        #expect(seals.seal(of: attempt) == nil)
    }

    @Test func theOldestLogMakesRoom() {
        let others = (2...3).map { AttemptID(high: $0, low: 1) }
        for attempt in [attempt] + others { seals.add(first, of: attempt, stored: first.end) }
        #expect(seals.seal(of: attempt) == nil)
        #expect(others.allSatisfy { seals.seal(of: $0) == seal(of: ["one", "two"]) })
    }

    private func add(_ chunk: LogChunk) { seals.add(chunk, of: attempt, stored: chunk.end) }
}
