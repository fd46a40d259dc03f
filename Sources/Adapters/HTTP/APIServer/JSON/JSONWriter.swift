import BuildDomain
import NIOCore

/// Writes JSON straight into a buffer. Encoders that go through `Codable` cost several times as much, and builds and
/// log lines are what is read all the time.
///
/// The caller nests objects and arrays with closures, so that brackets always match.
struct JSONWriter {
    private(set) var buffer: ByteBuffer
    private var needsComma = false

    init(_ buffer: ByteBuffer = ByteBuffer()) { self.buffer = buffer }

    /// A buffer with one JSON value.
    static func buffer(capacity: Int = 1024, _ write: (inout JSONWriter) -> Void) -> ByteBuffer {
        var writer = JSONWriter(ByteBufferAllocator().buffer(capacity: capacity))
        write(&writer)
        return writer.buffer
    }

    mutating func object(_ members: (inout JSONWriter) -> Void) {
        open("{")
        members(&self)
        close("}")
    }

    mutating func array<Items: Sequence>(_ items: Items, _ each: (inout JSONWriter, Items.Element) -> Void) {
        open("[")
        for item in items { each(&self, item) }
        close("]")
    }

    /// What is written next belongs to `name`, which must not need escapes.
    mutating func key(_ name: StaticString) {
        comma()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeStaticString(name)
        buffer.writeStaticString("\":")
        needsComma = false
    }

    mutating func value(_ text: String) {
        comma()
        var text = text
        text.withUTF8 { buffer.writeJSONString($0) }
    }

    mutating func value(_ number: some BinaryInteger) {
        comma()
        buffer.writeDecimal(Int64(number))
    }

    mutating func value(_ flag: Bool) {
        comma()
        buffer.writeStaticString(flag ? "true" : "false")
    }

    mutating func value(_ time: Timestamp) {
        comma()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeTimestamp(time)
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    mutating func value(_ id: Identifier<some Any>) {
        comma()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeIdentifier(id)
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    /// Bytes that should be UTF-8; what is not becomes U+FFFD.
    mutating func value(bytes: UnsafeBufferPointer<UInt8>) {
        comma()
        buffer.writeJSONString(bytes)
    }

    mutating func null() {
        comma()
        buffer.writeStaticString("null")
    }

    private mutating func open(_ bracket: StaticString) {
        comma()
        buffer.writeStaticString(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: StaticString) {
        buffer.writeStaticString(bracket)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
        needsComma = true
    }
}

/// Members: a key and its value, `null` where there is none.
extension JSONWriter {
    mutating func member(_ name: StaticString, _ text: String?) {
        key(name)
        if let text { value(text) } else { null() }
    }

    mutating func member(_ name: StaticString, _ number: (some BinaryInteger)?) {
        key(name)
        if let number { value(number) } else { null() }
    }

    mutating func member(_ name: StaticString, _ time: Timestamp?) {
        key(name)
        if let time { value(time) } else { null() }
    }

    mutating func member(_ name: StaticString, _ id: Identifier<some Any>) {
        key(name)
        value(id)
    }

    mutating func member(_ name: StaticString, _ texts: [String]) {
        key(name)
        array(texts) { $0.value($1) }
    }

    /// An object of texts, sorted by key.
    mutating func member(_ name: StaticString, _ texts: [String: String]) {
        key(name)
        open("{")
        for (key, text) in texts.sorted(by: { $0.key < $1.key }) {
            value(key)
            buffer.writeInteger(UInt8(ascii: ":"))
            needsComma = false
            value(text)
        }
        close("}")
    }
}
