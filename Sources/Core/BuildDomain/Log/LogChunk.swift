/// Consecutive lines that share time, stream and step, so that a million lines need no million headers.
public struct LogRun: Sendable, Hashable {
    public var time: Timestamp
    public var stream: LogStream
    /// 1-based number of the step; 0 where no step was running.
    public var step: Int
    public var lines: Int
    /// Bytes of text, line feeds included.
    public var bytes: Int
    /// The last line of the run had no line feed of its own: the output ended there, or the line was too long and goes
    /// on in the next one.
    public var endsUnterminated: Bool

    public init(time: Timestamp, stream: LogStream, step: Int, lines: Int, bytes: Int, endsUnterminated: Bool = false) {
        self.time = time
        self.stream = stream
        self.step = step
        self.lines = lines
        self.bytes = bytes
        self.endsUnterminated = endsUnterminated
    }
}

/// Whole lines from the middle of a log: what is sent, stored and read at a time.
public struct LogChunk: Sendable, Hashable {
    /// Where the chunk's text starts in the log's text, in bytes.
    public var offset: Int64
    /// The number of the first line, from 1.
    public var firstLine: Int64
    public var runs: [LogRun]
    /// The lines, each ended by a line feed.
    public var text: [UInt8]

    /// The most bytes of text in one chunk.
    public static let maximumBytes = 2 * 1024 * 1024

    public init(offset: Int64, firstLine: Int64, runs: [LogRun], text: [UInt8]) {
        self.offset = offset
        self.firstLine = firstLine
        self.runs = runs
        self.text = text
    }

    public var lineCount: Int64 { runs.reduce(0) { $0 + Int64($1.lines) } }

    /// Whether ``end`` can be told: what was read from a damaged store may lie where no number reaches.
    public var hasEnd: Bool {
        !offset.addingReportingOverflow(Int64(text.count)).overflow
            && !firstLine.addingReportingOverflow(lineCount).overflow && firstLine > 0
    }

    /// The extent of a log that ends with this chunk.
    public var end: LogExtent { LogExtent(length: offset + Int64(text.count), lines: firstLine - 1 + lineCount) }
}

extension LogExtent {
    /// Decides what of `chunk` is new: nothing when it repeats what is stored, all or its tail otherwise.
    /// - Throws: ``Refusal/logGap(stored:)`` when lines in between are missing, ``Refusal/logConflict(stored:)`` when
    ///   it cannot be a continuation of the same log.
    public func accept(_ chunk: LogChunk) throws(Refusal) -> LogChunk? {
        guard chunk.offset >= 0, chunk.firstLine >= 1, chunk.isConsistent else { throw .logConflict(stored: self) }
        if chunk.offset > length { throw .logGap(stored: self) }
        guard chunk.firstLine - 1 <= lines else { throw .logConflict(stored: self) }
        if chunk.end.length <= length { return nil }
        guard let rest = chunk.dropping(bytes: Int(length - chunk.offset)), rest.firstLine == lines + 1 else {
            throw .logConflict(stored: self)
        }
        return rest
    }
}

extension LogChunk {
    /// Whether each run describes its part of the text: that part ends with a line feed and has that many of them.
    /// Readers go by the runs without looking again, so a run that is wrong by itself is as bad as a wrong sum.
    var isConsistent: Bool {
        guard text.count <= Self.maximumBytes else { return false }
        var position = 0
        for run in runs {
            guard run.lines > 0, run.bytes >= run.lines, run.bytes <= text.count - position else { return false }
            let part = text[position..<(position + run.bytes)]
            guard part.last == LogText.lineFeed, LogText.countLines(part) == run.lines else { return false }
            position += run.bytes
        }
        return position == text.count
    }

    /// The chunk without its first `bytes`; `nil` where that is not the end of a line.
    func dropping(bytes: Int) -> LogChunk? {
        guard bytes > 0 else { return self }
        guard bytes < text.count, text[bytes - 1] == LogText.lineFeed else { return nil }
        var runs = runs
        var left = bytes
        var lines: Int64 = 0
        while let first = runs.first, first.bytes <= left {
            left -= first.bytes
            lines += Int64(first.lines)
            runs.removeFirst()
        }
        if left > 0 {
            let dropped = LogText.countLines(text[(bytes - left)..<bytes])
            runs[0].bytes -= left
            runs[0].lines -= Int(dropped)
            lines += dropped
        }
        return LogChunk(
            offset: offset + Int64(bytes), firstLine: firstLine + lines, runs: runs, text: Array(text[bytes...]))
    }
}
