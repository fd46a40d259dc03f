import BuildDomain

/// Walks through the lines of a chunk and can stop between any two: large chunks are rendered in bounded pieces.
struct LineCursor {
    /// A line by its place in the chunk's text, line feed not included.
    struct Line {
        var number: Int64
        /// Index into the chunk's runs.
        var run: Int
        var range: Range<Int>
        var isUnterminated: Bool
    }

    let chunk: LogChunk
    /// The number of the next line.
    private(set) var number: Int64
    private var run = 0
    private var lineInRun = 0
    private var position = 0

    /// Starts at line `first`, or at the chunk's first line where that is later.
    init(_ chunk: LogChunk, from first: Int64) {
        self.chunk = chunk
        number = chunk.firstLine
        while run < chunk.runs.count, number + Int64(chunk.runs[run].lines) <= first {
            number += Int64(chunk.runs[run].lines)
            position += chunk.runs[run].bytes
            run += 1
        }
        while number < first, skip() {}
    }

    /// Where the next line starts in the chunk's text.
    var textOffset: Int { position }

    mutating func next() -> Line? {
        guard run < chunk.runs.count, let end = endOfLine() else { return nil }
        let description = chunk.runs[run]
        let isLast = lineInRun == description.lines - 1
        let line = Line(
            number: number, run: run, range: position..<end, isUnterminated: description.endsUnterminated && isLast)
        position = end + 1
        number += 1
        lineInRun += 1
        if isLast {
            run += 1
            lineInRun = 0
        }
        return line
    }

    private mutating func skip() -> Bool { next() != nil }

    private func endOfLine() -> Int? {
        chunk.text.withUnsafeBufferPointer { text in
            var at = position
            while at < text.count {
                if text[at] == LogText.lineFeed { return at }
                at += 1
            }
            return nil
        }
    }
}
