import BuildDomain
import Crypto

/// Reads along a log, chunk by chunk: whether they follow one another, and what the whole of them is.
struct LogCheck {
    /// What has been read so far.
    private(set) var extent = LogExtent()
    private var hash = SHA256()

    /// The seal of what was read.
    var seal: LogSeal { LogSeal(extent: extent, sha256: hexadecimal(hash.finalize())) }

    /// - Returns: why the chunk cannot be the next one; `nil` where it is.
    mutating func add(_ chunk: LogChunk) -> (expected: String, found: String)? {
        guard chunk.offset == extent.length, chunk.firstLine == extent.lines + 1 else {
            return (
                "a chunk \(Self.place(extent.length, extent.lines + 1))",
                "one \(Self.place(chunk.offset, chunk.firstLine))"
            )
        }
        // What a writer may not send may not be stored either: runs that do not describe the text.
        guard (try? extent.accept(chunk)) == chunk else {
            let lines = LogText.countLines(chunk.text)
            let bytes = chunk.runs.reduce(0) { $0 + $1.bytes }
            return (
                "runs that describe the \(chunk.text.count) bytes and \(lines) lines "
                    + Self.place(chunk.offset, chunk.firstLine),
                "\(chunk.runs.count) runs of \(bytes) bytes and \(chunk.lineCount) lines"
            )
        }
        hash.update(data: chunk.text)
        extent = chunk.end
        return nil
    }

    private static func place(_ offset: Int64, _ line: Int64) -> String { "from byte \(offset), line \(line) on" }

    /// Where the next chunk is missing.
    func gap(before end: Int64) -> (expected: String, found: String) {
        ("a chunk \(Self.place(extent.length, extent.lines + 1)), of \(end) bytes in all", "none")
    }
}
