import CLibPQ

extension PostgresRow {
    func optionalBool(_ column: Int) throws -> Bool? {
        try value(column, "boolean", { $0 == PostgresType.bool }, { $0.count == 1 ? $0[0] != 0 : nil })
    }

    func optionalInt64(_ column: Int) throws -> Int64? {
        try value(column, "an integer", { [PostgresType.int8, PostgresType.int4, PostgresType.int2].contains($0) }) {
            switch $0.count {
            case 8: Int64(bigEndian: $0.loadUnaligned(as: Int64.self))
            case 4: Int64(Int32(bigEndian: $0.loadUnaligned(as: Int32.self)))
            case 2: Int64(Int16(bigEndian: $0.loadUnaligned(as: Int16.self)))
            default: nil
            }
        }
    }

    func optionalDouble(_ column: Int) throws -> Double? {
        try value(column, "a float", { $0 == PostgresType.float8 || $0 == PostgresType.float4 }) {
            switch $0.count {
            case 8: Double(bitPattern: UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)))
            case 4: Double(Float(bitPattern: UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self))))
            default: nil
            }
        }
    }

    func optionalText(_ column: Int) throws -> String? {
        let isJSONB = column >= 0 && PQftype(result.raw, Int32(column)) == PostgresType.jsonb
        return try value(column, "text", PostgresRow.isTextual) { bytes in
            // The first byte of binary `jsonb` is its version.
            String(decoding: isJSONB ? bytes.dropFirst() : bytes[...], as: UTF8.self)
        }
    }

    /// Lends the text of a `json` or `jsonb` where it lies; `nil` for NULL, and where `body` gives it.
    func withJSON<T>(_ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> T?) throws -> T? {
        let isJSONB = column >= 0 && PQftype(result.raw, Int32(column)) == PostgresType.jsonb
        return try value(column, "JSON", { $0 == PostgresType.json || $0 == PostgresType.jsonb }) { bytes -> T?? in
            let text = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(isJSONB ? 1 : 0))
            return .some(body(text.assumingMemoryBound(to: UInt8.self)))
        } ?? nil
    }

    func optionalBytes(_ column: Int) throws -> [UInt8]? {
        try value(column, "bytea", { $0 == PostgresType.bytea }, { [UInt8]($0) })
    }

    func optionalUUID(_ column: Int) throws -> PostgresUUID? {
        try value(column, "uuid", { $0 == PostgresType.uuid }, PostgresUUID.init(bigEndian:))
    }

    func optionalTimestamp(_ column: Int) throws -> Int64? {
        try value(column, "timestamptz", { $0 == PostgresType.timestamptz }) {
            guard $0.count == 8 else { return nil }
            let microseconds = Int64(bigEndian: $0.loadUnaligned(as: Int64.self))
            // The extremes stand for the infinities, which no clock shows.
            let (sum, overflow) = microseconds.addingReportingOverflow(PostgresType.epochOffset)
            return overflow || microseconds == .min ? nil : sum
        }
    }

    /// A one-dimensional array of `bigint`.
    func int64Array(_ column: Int) throws -> [Int64?] {
        try array(column, of: PostgresType.int8) {
            $0.count == 8 ? Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) : nil
        }
    }

    /// A one-dimensional array of `text`.
    func textArray(_ column: Int) throws -> [String?] {
        try array(column, of: PostgresType.text) { String(decoding: $0, as: UTF8.self) }
    }

    /// A one-dimensional array of `uuid`.
    func uuidArray(_ column: Int) throws -> [PostgresUUID?] {
        try array(column, of: PostgresType.uuid, PostgresUUID.init(bigEndian:))
    }

    /// A one-dimensional array of `bytea`.
    func bytesArray(_ column: Int) throws -> [[UInt8]?] {
        try array(column, of: PostgresType.bytea) { [UInt8]($0) }
    }

    /// A one-dimensional array of `boolean`.
    func boolArray(_ column: Int) throws -> [Bool?] {
        try array(column, of: PostgresType.bool) { $0.count == 1 ? $0[0] != 0 : nil }
    }

    /// Enumerations have numbers of their own, and the same binary form as text.
    private static func isTextual(_ type: UInt32) -> Bool {
        [
            PostgresType.text, PostgresType.varchar, PostgresType.bpchar, PostgresType.name, PostgresType.json,
            PostgresType.jsonb,
        ].contains(type) || type >= PostgresType.firstUserDefined
    }

    /// Reads one column's bytes as `expected` when its type is `accepted`; `decode` returns nil for malformed bytes.
    private func value<T>(
        _ column: Int, _ expected: String, _ accepted: (UInt32) -> Bool, _ decode: (UnsafeRawBufferPointer) -> T?
    ) throws -> T? {
        guard column >= 0, column < PQnfields(result.raw) else { throw mismatch(column, "does not exist") }
        let type = PQftype(result.raw, Int32(column))
        guard accepted(type) else { throw mismatch(column, "has type \(type) where \(expected) was expected") }
        guard !isNull(column) else { return nil }
        let length = Int(PQgetlength(result.raw, index, Int32(column)))
        let bytes = UnsafeRawBufferPointer(start: PQgetvalue(result.raw, index, Int32(column)), count: length)
        guard let value = decode(bytes) else { throw mismatch(column, "is no valid \(expected)") }
        return value
    }

    /// Undoes what the encoding of arrays does; see there for the format.
    private func array<T>(
        _ column: Int, of element: UInt32, _ decode: (UnsafeRawBufferPointer) -> T?
    ) throws -> [T?] {
        let values = try value(column, "array", { _ in true }) { decodeArray($0, of: element, decode) }
        guard let values else { throw mismatch(column, "is NULL where an array was expected") }
        return values
    }
}

private func decodeArray<T>(
    _ bytes: UnsafeRawBufferPointer, of element: UInt32, _ decode: (UnsafeRawBufferPointer) -> T?
) -> [T?]? {
    var at = 0
    func next() -> Int32? {
        guard at + 4 <= bytes.count else { return nil }
        defer { at += 4 }
        return Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: Int32.self))
    }
    guard let dimensions = next(), next() != nil, let type = next(), UInt32(bitPattern: type) == element else {
        return nil
    }
    if dimensions == 0 { return [] }
    guard dimensions == 1, let count = next(), count >= 0, next() != nil else { return nil }
    var values: [T?] = []
    for _ in 0..<count {
        guard let length = next() else { return nil }
        if length < 0 {
            values.append(nil)
            continue
        }
        guard at + Int(length) <= bytes.count else { return nil }
        guard let value = decode(UnsafeRawBufferPointer(rebasing: bytes[at..<at + Int(length)])) else { return nil }
        values.append(value)
        at += Int(length)
    }
    return values
}

extension PostgresUUID {
    init?(bigEndian bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 16 else { return nil }
        high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
}
