import BuildDomain
import Testing
import TestSupport

@Suite struct LogExtentTests {
    @Test func theNextChunkIsTakenWhole() throws {
        let (first, second) = (chunk(["a", "bb"]), chunk(["ccc"], offset: 5, line: 3))
        #expect(try LogExtent().accept(first) == first)
        #expect(first.end == LogExtent(length: 5, lines: 2))
        #expect(try first.end.accept(second) == second)
    }

    @Test func whatIsStoredAlreadyIsNothingNew() throws {
        let whole = chunk(["a", "bb", "ccc"])
        #expect(try whole.end.accept(whole) == nil)
        #expect(try whole.end.accept(chunk(["bb"], offset: 2, line: 2)) == nil)
        #expect(try LogExtent(length: 100, lines: 9).accept(whole) == nil)
        #expect(try whole.end.accept(chunk([], offset: 9, line: 4)) == nil)
    }

    /// Whatever part of a chunk is stored, the rest of it is what is new; a log put together that way is the same log.
    @Test func anOverlapIsCutAtEveryBorderOfALineAndNowhereElse() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            let lines = (0..<Int.random(in: 1...8, using: &generator)).map { _ in
                String(repeating: "x", count: Int.random(in: 0...4, using: &generator))
            }
            let whole = chunk(lines, offset: 40, line: 7, runLength: Int.random(in: 1...4, using: &generator))
            var borders: [Int: Int64] = [0: 0]
            for (index, byte) in whole.text.enumerated() where byte == LogText.lineFeed {
                borders[index + 1] = (borders.values.max() ?? 0) + 1
            }
            for cut in 0..<whole.text.count {
                let lines = borders[cut].map { 6 + $0 } ?? 6
                let stored = LogExtent(length: 40 + Int64(cut), lines: lines)
                if borders[cut] != nil {
                    let rest = try #require(try stored.accept(whole))
                    #expect(rest.text == Array(whole.text[cut...]))
                    #expect(rest.offset == stored.length)
                    #expect(rest.firstLine == stored.lines + 1)
                    #expect(rest.end == whole.end)
                    #expect(listing(of: rest) == Array(listing(of: whole).dropFirst(Int(lines) - 6)))
                } else {
                    #expect(throws: Refusal.logConflict(stored: stored)) { try stored.accept(whole) }
                }
            }
        }
    }

    @Test func aGapIsRefusedAndSaysWhereToGoOn() {
        let stored = LogExtent(length: 5, lines: 2)
        #expect(throws: Refusal.logGap(stored: stored)) { try stored.accept(chunk(["a"], offset: 6, line: 3)) }
        #expect(throws: Refusal.logGap(stored: stored)) { try stored.accept(chunk(["a"], offset: .max - 2, line: 3)) }
    }

    @Test(arguments: [Int64.min, -1, 0, 1, 2, 4, 100, .max])
    func contradictingLineNumbersAreRefused(line: Int64) {
        let stored = LogExtent(length: 5, lines: 2)
        #expect(throws: Refusal.logConflict(stored: stored)) {
            try stored.accept(chunk(["a", "b"], offset: 5, line: line))
        }
    }

    @Test(arguments: [
        runs((1, 2)), runs((2, 4), (1, 1)), runs((0, 0), (2, 4)), runs((2, 3)), runs((2, 5)), runs((3, 4)),
        runs((1, 3), (1, 1)), runs((1, 1), (1, 3)), runs((-1, 2), (3, 2)), runs((1, -2), (1, 6)), runs((2, .max)),
        runs((.max, 4)), runs((1, .max), (1, .max)), runs(),
    ])
    func runsThatDoNotDescribeTheTextAreRefused(runs: [LogRun]) {
        let chunk = LogChunk(offset: 0, firstLine: 1, runs: runs, text: Array("a\nb\n".utf8))
        #expect(throws: Refusal.logConflict(stored: LogExtent())) { try LogExtent().accept(chunk) }
    }

    @Test func aChunkWithoutItsLastLineFeedIsRefused() {
        for text in ["a", "a\nb", "\n\na"] {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
            let chunk = LogChunk(
                offset: 0, firstLine: 1, runs: runs((lines, text.utf8.count)), text: Array(text.utf8))
            #expect(throws: Refusal.self) { try LogExtent().accept(chunk) }
        }
    }

    @Test func aChunkHasALimit() throws {
        let fits = [UInt8](repeating: LogText.lineFeed, count: LogChunk.maximumBytes)
        let chunk = LogChunk(offset: 0, firstLine: 1, runs: runs((fits.count, fits.count)), text: fits)
        #expect(try LogExtent().accept(chunk) == chunk)
        let more = LogChunk(
            offset: 0, firstLine: 1, runs: runs((fits.count + 1, fits.count + 1)), text: fits + [LogText.lineFeed])
        #expect(throws: Refusal.self) { try LogExtent().accept(more) }
    }
}

/// Runs of these many lines and bytes.
func runs(_ sizes: (lines: Int, bytes: Int)...) -> [LogRun] {
    sizes.map { LogRun(time: time(), stream: .stdout, step: 2, lines: $0.lines, bytes: $0.bytes) }
}

/// A chunk of these lines, in runs of `runLength` lines that differ in stream and step.
func chunk(_ lines: [String], offset: Int64 = 0, line: Int64 = 1, runLength: Int = 2) -> LogChunk {
    var runs: [LogRun] = []
    for start in stride(from: 0, to: lines.count, by: runLength) {
        let part = lines[start..<min(start + runLength, lines.count)]
        runs.append(
            LogRun(
                time: time(Int64(start)), stream: start % 2 == 0 ? .stdout : .stderr, step: start, lines: part.count,
                bytes: part.reduce(0) { $0 + $1.utf8.count + 1 }, endsUnterminated: start % 3 == 0))
    }
    return LogChunk(offset: offset, firstLine: line, runs: runs, text: Array(lines.map { $0 + "\n" }.joined().utf8))
}

/// All that readers see of each line.
func listing(of chunk: LogChunk, from first: Int64 = 1) -> [String] {
    var lines: [String] = []
    chunk.forEachLine(from: first) { line in
        let text = String(decoding: line.text, as: UTF8.self)
        lines.append("\(line.number) \(line.time) \(line.stream) \(line.step) \(line.isUnterminated) \(text)")
        return true
    }
    return lines
}
