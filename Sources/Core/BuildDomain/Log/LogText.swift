/// Small tools on log bytes.
public enum LogText {
    public static let lineFeed = UInt8(ascii: "\n")

    /// The number of line feeds. Written so that the compiler can vectorise it: logs come by the megabyte.
    public static func countLines(_ bytes: some Collection<UInt8>) -> Int64 {
        let counted = bytes.withContiguousStorageIfAvailable { buffer in
            var count = 0
            for byte in buffer { count &+= byte == lineFeed ? 1 : 0 }
            return count
        }
        return Int64(counted ?? bytes.count { $0 == lineFeed })
    }
}

/// One line as readers see it.
public struct LogLine: Sendable, Hashable {
    public var number: Int64
    public var time: Timestamp
    public var stream: LogStream
    public var step: Int
    /// The line had no line feed of its own.
    public var isUnterminated: Bool
    /// The line without its line feed; any bytes at all.
    public var text: ArraySlice<UInt8>
}

extension LogChunk {
    /// Calls `body` for each line from number `first` on, until it returns `false`.
    public func forEachLine(from first: Int64 = 1, _ body: (LogLine) -> Bool) {
        var number = firstLine
        var position = 0
        for run in runs {
            if number + Int64(run.lines) <= first {
                number += Int64(run.lines)
                position += run.bytes
                continue
            }
            for index in 0..<run.lines {
                let start = position
                while text[position] != LogText.lineFeed { position += 1 }
                let line = LogLine(
                    number: number, time: run.time, stream: run.stream, step: run.step,
                    isUnterminated: run.endsUnterminated && index == run.lines - 1, text: text[start..<position])
                position += 1
                number += 1
                if line.number >= first, !body(line) { return }
            }
        }
    }
}
