import APISchema
import BuildDomain
import NIOCore

/// The forms in which lines leave the server.
enum LineForm: Sendable {
    /// The bytes as they are, each line with its line feed.
    case text
    /// `application/x-ndjson`: a ``LineView`` per line.
    case lines
    /// An event per line, with the attempt in its data and in its id.
    case events(AttemptID)
}

extension LineCursor {
    /// Writes lines until there are no more or `limit` bytes are in the buffer.
    /// - Parameters:
    ///   - step: only lines of this step.
    ///   - last: no lines behind this number.
    mutating func render(
        _ form: LineForm, step: Int? = nil, through last: Int64 = .max, upTo limit: Int, into buffer: inout ByteBuffer
    ) {
        while buffer.readableBytes < limit, number <= last, let line = next() {
            let run = chunk.runs[line.run]
            if let step, run.step != step { continue }
            chunk.text.withUnsafeBufferPointer { text in
                switch form {
                case .text: buffer.writeBytes(text[line.range.lowerBound...line.range.upperBound])
                case .lines:
                    buffer.writeLine(line, run, text[line.range], attempt: nil)
                    buffer.writeStaticString("\n")
                case .events(let attempt):
                    buffer.writeStaticString("event: line\nid: ")
                    buffer.writeIdentifier(attempt)
                    buffer.writeStaticString(":")
                    buffer.writeDecimal(line.number)
                    buffer.writeStaticString("\ndata: ")
                    buffer.writeLine(line, run, text[line.range], attempt: attempt)
                    buffer.writeStaticString("\n\n")
                }
            }
        }
    }
}

extension ByteBuffer {
    /// A ``LineView`` in JSON. Written member by member, because this is done for every line and every reader.
    fileprivate mutating func writeLine(
        _ line: LineCursor.Line, _ run: LogRun, _ text: Slice<UnsafeBufferPointer<UInt8>>, attempt: AttemptID?
    ) {
        writeStaticString("{\"number\":")
        writeDecimal(line.number)
        writeStaticString(",\"time\":\"")
        writeTimestamp(run.time)
        switch run.stream {
        case .system: writeStaticString("\",\"stream\":\"system\",\"step\":")
        case .stdout: writeStaticString("\",\"stream\":\"stdout\",\"step\":")
        case .stderr: writeStaticString("\",\"stream\":\"stderr\",\"step\":")
        }
        writeDecimal(Int64(run.step))
        writeStaticString(",\"text\":")
        writeJSONString(UnsafeBufferPointer(rebasing: text))
        if line.isUnterminated { writeStaticString(",\"partial\":true") }
        if let attempt {
            writeStaticString(",\"attempt\":\"")
            writeIdentifier(attempt)
            writeStaticString("\"")
        }
        writeStaticString("}")
    }

    /// An event with the build as its data.
    mutating func writeEvent(_ name: StaticString, _ build: Build) {
        writeStaticString("event: ")
        writeStaticString(name)
        writeStaticString("\ndata: ")
        var json = JSONWriter(self)
        json.value(BuildView(build))
        self = json.buffer
        writeStaticString("\n\n")
    }
}
