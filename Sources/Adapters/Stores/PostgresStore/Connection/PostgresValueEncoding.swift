extension PostgresValue {
    /// The type that the statement is prepared with.
    var typeID: UInt32 {
        switch self {
        case .null: PostgresType.unknown
        case .bool: PostgresType.bool
        case .int64: PostgresType.int8
        case .double: PostgresType.float8
        case .text: PostgresType.text
        case .bytes: PostgresType.bytea
        case .uuid: PostgresType.uuid
        case .json: PostgresType.jsonb
        case .timestamp: PostgresType.timestamptz
        case .boolArray: 1000
        case .bytesArray: 1001
        case .textArray: 1009
        case .int64Array: 1016
        case .doubleArray: 1022
        case .timestampArray: 1185
        case .uuidArray: 2951
        case .jsonArray: 3807
        }
    }

    /// Appends the value in binary format; false for NULL, which has no bytes.
    func encode(into bytes: inout [UInt8]) -> Bool {
        switch self {
        case .null: return false
        case .bool(let value): return bytes.append(optional: value) { $0.append($1 ? 1 : 0) }
        case .int64(let value): return bytes.append(optional: value) { $0.append(bigEndian: $1) }
        case .double(let value): return bytes.append(optional: value) { $0.append(bigEndian: $1.bitPattern) }
        case .text(let value): return bytes.append(optional: value) { $0.append(contentsOf: $1.utf8) }
        case .bytes(let value): return bytes.append(optional: value) { $0.append(contentsOf: $1) }
        case .uuid(let value): return bytes.append(optional: value) { $0.append(uuid: $1) }
        case .json(let value): return bytes.append(optional: value) { $0.append(jsonb: $1) }
        case .timestamp(let value): return bytes.append(optional: value) { $0.append(timestamp: $1) }
        case .boolArray(let values): bytes.append(array: values, PostgresType.bool) { $0.append($1 ? 1 : 0) }
        case .int64Array(let values): bytes.append(array: values, PostgresType.int8) { $0.append(bigEndian: $1) }
        case .doubleArray(let values):
            bytes.append(array: values, PostgresType.float8) { $0.append(bigEndian: $1.bitPattern) }
        case .textArray(let values): bytes.append(array: values, PostgresType.text) { $0.append(contentsOf: $1.utf8) }
        case .bytesArray(let values): bytes.append(array: values, PostgresType.bytea) { $0.append(contentsOf: $1) }
        case .uuidArray(let values): bytes.append(array: values, PostgresType.uuid) { $0.append(uuid: $1) }
        case .jsonArray(let values): bytes.append(array: values, PostgresType.jsonb) { $0.append(jsonb: $1) }
        case .timestampArray(let values):
            bytes.append(array: values, PostgresType.timestamptz) { $0.append(timestamp: $1) }
        }
        return true
    }
}

extension [UInt8] {
    fileprivate mutating func append<T>(optional value: T?, _ encode: (inout [UInt8], T) -> Void) -> Bool {
        guard let value else { return false }
        encode(&self, value)
        return true
    }

    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(uuid: PostgresUUID) {
        append(bigEndian: uuid.high)
        append(bigEndian: uuid.low)
    }

    /// The binary form of `jsonb` is a version byte, always 1, and the text.
    fileprivate mutating func append(jsonb text: String) {
        append(1)
        append(contentsOf: text.utf8)
    }

    fileprivate mutating func append(timestamp unixMicroseconds: Int64) {
        append(bigEndian: unixMicroseconds &- PostgresType.epochOffset)
    }

    /// Dimensions, whether there are NULLs, element type, length and lower bound; then each element's length and bytes,
    /// with a length of -1 for NULL (`array_send` in the server's source). An empty array has no dimension.
    fileprivate mutating func append<T>(array: [T?], _ element: UInt32, _ encode: (inout [UInt8], T) -> Void) {
        append(bigEndian: Int32(array.isEmpty ? 0 : 1))
        append(bigEndian: Int32(array.contains { $0 == nil } ? 1 : 0))
        append(bigEndian: element)
        if array.isEmpty { return }
        append(bigEndian: Int32(array.count))
        append(bigEndian: Int32(1))
        for value in array {
            let lengthAt = count
            append(bigEndian: Int32(-1))
            guard let value else { continue }
            encode(&self, value)
            let length = Int32(truncatingIfNeeded: count - lengthAt - 4)
            Swift.withUnsafeBytes(of: length.bigEndian) {
                replaceSubrange(lengthAt..<lengthAt + 4, with: $0)
            }
        }
    }
}
