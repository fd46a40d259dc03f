import BuildDomain
import TestSupport
import Testing

@testable import Worker

/// A line as it leaves the splitter, with its line feed.
private struct Line: Equatable {
    var text: [UInt8]
    var isUnterminated: Bool
}

@Suite struct LineSplitterTests {
    /// Bytes that matter to somebody: line feeds, carriage returns, NULs, pieces of UTF-8, and letters.
    private static let alphabet: [UInt8] = [10, 10, 10, 13, 0, 0xC3, 0xA4, 0xF0, 0xFF, 97, 98, 99]

    @Test func howTheBytesArriveChangesNothing() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<400 {
            let limit = Int.random(in: 1...9, using: &generator)
            let bytes = Self.randomBytes(Int.random(in: 0...40, using: &generator), using: &generator)
            let expected = naive(bytes, limit: limit)
            for cut in 0...bytes.count {
                #expect(split([Array(bytes[..<cut]), Array(bytes[cut...])], limit: limit) == expected)
            }
            #expect(split(bytes.map { [$0] }, limit: limit) == expected)
            #expect(split(Self.scattered(bytes, using: &generator), limit: limit) == expected)
        }
    }

    @Test func longOutputsWithLongLinesAreCutAlike() {
        var generator = SeededGenerator(seed: 2)
        for limit in [100, 1000, 4096] {
            var bytes: [UInt8] = []
            for _ in 0..<200 {
                let length = Int.random(in: 0...(limit * 3), using: &generator)
                bytes += [UInt8](repeating: 120, count: Bool.random(using: &generator) ? length : length % 50) + [10]
            }
            #expect(
                split(Self.scattered(bytes, using: &generator, upTo: 5000), limit: limit) == naive(bytes, limit: limit))
        }
    }

    @Test(arguments: [
        ("", []), ("\n", ["\n"]), ("a", ["a…"]), ("a\n", ["a\n"]), ("a\r\n", ["a\r\n"]), ("a\rb\n", ["a\rb\n"]),
        ("\n\n", ["\n", "\n"]), ("abcd\n", ["abcd\n"]), ("abcde\n", ["abcd…", "e\n"]), ("abcd", ["abcd…"]),
        ("abcdefgh\n", ["abcd…", "efgh\n"]), ("abcdefgh", ["abcd…", "efgh…"]), ("abcde", ["abcd…", "e…"]),
        ("a\0b\n", ["a\0b\n"]),
    ])
    func aLineIsCutWhereItIsTooLong(text: String, lines: [String]) {
        let expected = lines.map { line in
            let isCut = line.hasSuffix("…")
            return Line(text: Array((isCut ? line.dropLast() + "\n" : line[...]).utf8), isUnterminated: isCut)
        }
        #expect(split([Array(text.utf8)], limit: 4) == expected)
    }

    @Test func nothingIsKeptBackThatIsComplete() {
        var splitter = LineSplitter(limit: 100)
        var lines = 0
        Array("a\nb\nc".utf8).withUnsafeBytes {
            splitter.add($0) {
                lines += $1.lines; _ = $0
            }
        }
        #expect(lines == 2)
        Array("\n".utf8).withUnsafeBytes {
            splitter.add($0) {
                lines += $1.lines; _ = $0
            }
        }
        #expect(lines == 3)
        splitter.finish {
            lines += $1.lines; _ = $0
        }
        #expect(lines == 3)
    }

    private static func randomBytes(_ count: Int, using generator: inout SeededGenerator) -> [UInt8] {
        (0..<count).compactMap { _ in alphabet.randomElement(using: &generator) }
    }

    private static func scattered(
        _ bytes: [UInt8], using generator: inout SeededGenerator, upTo most: Int = 12
    ) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 0...most, using: &generator))
            parts.append(Array(bytes[start..<end]))
            start = end
        }
        return parts
    }
}

/// What the splitter must do, one byte after the other.
private func naive(_ bytes: [UInt8], limit: Int) -> [Line] {
    var lines: [Line] = []
    var line: [UInt8] = []
    for byte in bytes {
        if byte == LogText.lineFeed {
            lines.append(Line(text: line + [byte], isUnterminated: false))
            line = []
        } else {
            if line.count == limit {
                lines.append(Line(text: line + [LogText.lineFeed], isUnterminated: true))
                line = []
            }
            line.append(byte)
        }
    }
    if !line.isEmpty { lines.append(Line(text: line + [LogText.lineFeed], isUnterminated: true)) }
    return lines
}

private func split(_ parts: [[UInt8]], limit: Int) -> [Line] {
    var splitter = LineSplitter(limit: limit)
    var lines: [Line] = []
    func take(_ bytes: UnsafeRawBufferPointer, _ piece: LineSplitter.Piece) {
        let whole = Array(bytes) + (piece.isUnterminated ? [LogText.lineFeed] : [])
        let cut = whole.split(separator: LogText.lineFeed, omittingEmptySubsequences: false).dropLast()
        #expect(cut.count == piece.lines)
        #expect(whole.last == LogText.lineFeed)
        for text in cut { lines.append(Line(text: text + [LogText.lineFeed], isUnterminated: piece.isUnterminated)) }
    }
    for part in parts { part.withUnsafeBytes { splitter.add($0, emit: take) } }
    splitter.finish(emit: take)
    return lines
}
