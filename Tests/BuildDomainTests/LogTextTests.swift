import BuildDomain
import Testing
import TestSupport

@Suite struct LogTextTests {
    @Test func linesAreSeenWithAllThatIsKnownOfThem() {
        let chunk = LogChunk(
            offset: 0, firstLine: 5,
            runs: [
                LogRun(time: time(1), stream: .system, step: 0, lines: 1, bytes: 2),
                LogRun(time: time(2), stream: .stderr, step: 2, lines: 2, bytes: 4, endsUnterminated: true),
            ], text: Array("a\n\nbb\n".utf8))
        var seen: [LogLine] = []
        chunk.forEachLine {
            seen.append($0)
            return true
        }
        #expect(seen.map(\.number) == [5, 6, 7])
        #expect(seen.map(\.time) == [time(1), time(2), time(2)])
        #expect(seen.map(\.stream.name) == ["system", "stderr", "stderr"])
        #expect(seen.map(\.step) == [0, 2, 2])
        #expect(seen.map(\.isUnterminated) == [false, false, true])
        #expect(seen.map { Array($0.text) } == [Array("a".utf8), [], Array("bb".utf8)])
    }

    @Test func readingFromAnyLineIsTheEndOfReadingAll() {
        let chunk = chunk(["a", "", "bb", "c", "", "", "d"], offset: 90, line: 11, runLength: 3)
        let all = listing(of: chunk)
        for first in Int64(0)...19 {
            let skipped = max(0, min(7, Int(first) - 11))
            #expect(listing(of: chunk, from: first) == Array(all.dropFirst(skipped)))
        }
    }

    @Test func readingStopsWhenToldTo() {
        let chunk = chunk(["a", "b", "c", "d"])
        for wanted in 1...4 {
            var seen = 0
            chunk.forEachLine { _ in
                seen += 1
                return seen < wanted
            }
            #expect(seen == wanted)
        }
    }

    @Test func lineFeedsAreCountedInAnyCollection() {
        var generator = SeededGenerator(seed: 6)
        for count in [0, 1, 2, 63, 64, 65, 1000] {
            let bytes = (0..<count).map { _ in UInt8.random(in: 8...12, using: &generator) }
            let expected = Int64(bytes.filter { $0 == 10 }.count)
            #expect(LogText.countLines(bytes) == expected)
            #expect(LogText.countLines(bytes[...]) == expected)
            #expect(LogText.countLines(AnyCollection(bytes)) == expected)
        }
    }

    @Test func runsComeBackFromTheirCoding() throws {
        var generator = SeededGenerator(seed: 9)
        for count in 0..<100 {
            let runs = (0..<count).map { _ in
                LogRun(
                    time: Timestamp(milliseconds: Int64(bitPattern: generator.next())),
                    stream: LogStream.allCases.randomElement(using: &generator) ?? .system,
                    step: .random(in: 0...65_535, using: &generator),
                    lines: .random(in: 0...Int(UInt32.max), using: &generator),
                    bytes: .random(in: 0...Int(UInt32.max), using: &generator),
                    endsUnterminated: .random(using: &generator))
            }
            let bytes = LogRun.encode(runs)
            #expect(bytes.count == count * LogRun.encodedSize)
            #expect(LogRun.decode(bytes) == runs)
            #expect(LogRun.decode(([0] + bytes).dropFirst()) == runs)
        }
    }

    @Test func theCodingIsWrittenDown() {
        let run = LogRun(
            time: Timestamp(milliseconds: 0x0102), stream: .stderr, step: 0x0304, lines: 5, bytes: 0x0607,
            endsUnterminated: true)
        #expect(LogRun.encode([run]) == [2, 1, 0, 0, 0, 0, 0, 0, 0x82, 0, 4, 3, 5, 0, 0, 0, 7, 6, 0, 0])
    }

    @Test func garbageIsNoCodingOfRuns() {
        let good = LogRun.encode(runs((1, 2), (3, 4)))
        for count in 1..<good.count where count != LogRun.encodedSize {
            #expect(LogRun.decode(good.prefix(count)) == nil)
        }
        for (position, value) in [(8, 3), (8, 0x7F), (8, 0x83), (9, 1), (28, 0xFF), (29, 0x80)] {
            var bad = good
            bad[position] = UInt8(value)
            #expect(LogRun.decode(bad) == nil)
        }
    }

    /// Whatever bytes come, what can be read from them is written as the same bytes again.
    @Test func randomBytesAreRefusedOrComeBack() {
        var generator = SeededGenerator(seed: 10)
        var accepted = 0
        for _ in 0..<5000 {
            var bytes = (0..<LogRun.encodedSize).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if Bool.random(using: &generator) { bytes[9] = 0 }
            guard let runs = LogRun.decode(bytes) else { continue }
            accepted += 1
            #expect(LogRun.encode(runs) == bytes)
        }
        #expect(accepted > 0)
    }

    @Test func aStepIsNamedByItsFirstLineWithWords() {
        #expect(StepSpec.checkout.name == "checkout")
        let names = ["make test", "make\r\ntest", "\n\nmake\ntest", "", "\r\n"].map { StepSpec.run(command: $0).name }
        #expect(names == ["make test", "make", "make", "", ""])
        #expect(StepSpec.run(command: String(repeating: "x", count: 500)).name.count == 200)
    }
}
