/// Encodes a `Codable` value as JSON: what Foundation's encoder does, for the few shapes that events have, in a
/// fraction of the time. An event is encoded with nearly every write, inside the transaction.
struct JSONTextEncoder: Encoder {
    let writer: JSONWriter
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func text(of value: some Encodable) throws -> String {
        let writer = JSONWriter()
        try JSONTextEncoder(writer: writer).encode(value)
        writer.close(to: 0)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        writer.beginObject()
        return KeyedEncodingContainer(Keyed<Key>(writer: writer, depth: writer.depth))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        writer.beginArray()
        return Unkeyed(writer: writer, depth: writer.depth)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(writer: writer) }

    fileprivate func encode(_ value: some Encodable) throws {
        switch value {
        case let string as String: writer.write(string)
        case let number as Int: writer.raw(String(number))
        default:
            let start = writer.bytes.count
            try value.encode(to: self)
            // A value without any content asks for no container.
            if writer.bytes.count == start { writer.raw("{}") }
        }
    }
}

private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let writer: JSONWriter
    let depth: Int
    var codingPath: [any CodingKey] { [] }

    private func member(_ key: Key) -> JSONTextEncoder {
        writer.member(at: depth, key: key.stringValue)
        return JSONTextEncoder(writer: writer)
    }

    func encodeNil(forKey key: Key) { member(key).writer.raw("null") }
    func encode(_ value: some Encodable, forKey key: Key) throws { try member(key).encode(value) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { member(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { member(key).unkeyedContainer() }
    func superEncoder(forKey key: Key) -> any Encoder { member(key) }

    func superEncoder() -> any Encoder {
        writer.member(at: depth, key: "super")
        return JSONTextEncoder(writer: writer)
    }
}

private struct Unkeyed: UnkeyedEncodingContainer {
    let writer: JSONWriter
    let depth: Int
    var count = 0
    var codingPath: [any CodingKey] { [] }

    private mutating func member() -> JSONTextEncoder {
        writer.member(at: depth)
        count += 1
        return JSONTextEncoder(writer: writer)
    }

    mutating func encodeNil() { member().writer.raw("null") }
    mutating func encode(_ value: some Encodable) throws { try member().encode(value) }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        member().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { member().unkeyedContainer() }
    mutating func superEncoder() -> any Encoder { member() }
}

private struct Single: SingleValueEncodingContainer {
    let writer: JSONWriter
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { writer.raw("null") }
    func encode(_ value: Bool) { writer.raw(value ? "true" : "false") }
    func encode(_ value: String) { writer.write(value) }
    func encode(_ value: Double) throws { throw unsupported(value) }
    func encode(_ value: Float) throws { throw unsupported(value) }
    func encode(_ value: Int) { writer.raw(String(value)) }
    func encode(_ value: Int8) { writer.raw(String(value)) }
    func encode(_ value: Int16) { writer.raw(String(value)) }
    func encode(_ value: Int32) { writer.raw(String(value)) }
    func encode(_ value: Int64) { writer.raw(String(value)) }
    func encode(_ value: UInt) { writer.raw(String(value)) }
    func encode(_ value: UInt8) { writer.raw(String(value)) }
    func encode(_ value: UInt16) { writer.raw(String(value)) }
    func encode(_ value: UInt32) { writer.raw(String(value)) }
    func encode(_ value: UInt64) { writer.raw(String(value)) }
    func encode(_ value: some Encodable) throws { try JSONTextEncoder(writer: writer).encode(value) }

    private func unsupported(_ value: any Encodable) -> EncodingError {
        .invalidValue(value, .init(codingPath: [], debugDescription: "events hold whole numbers only"))
    }
}
