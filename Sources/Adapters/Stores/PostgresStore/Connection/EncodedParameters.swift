/// A statement's parameters as libpq wants them: pointers into one buffer, lengths and formats.
struct EncodedParameters {
    /// What the server takes in one message, less room for its own framing.
    static let byteLimit = 1_000_000_000

    private var bytes: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []

    /// - Throws: `PostgresError.misuse` when the values exceed ``byteLimit``.
    init(_ values: [PostgresValue]) throws {
        offsets.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        for value in values {
            let start = bytes.count
            let isNull = !value.encode(into: &bytes)
            guard bytes.count <= EncodedParameters.byteLimit else {
                throw PostgresError.misuse("parameters exceed \(EncodedParameters.byteLimit) bytes")
            }
            offsets.append(isNull ? nil : start)
            lengths.append(Int32(bytes.count - start))
        }
        // An empty value needs an address too: to libpq no address means NULL.
        bytes.append(0)
    }

    /// Count, values, lengths and formats, in the order in which libpq's functions take them.
    typealias Use<T> = (
        Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> T

    func withPointers<T>(_ body: Use<T>) -> T {
        bytes.withUnsafeBytes { buffer in
            let values = offsets.map { offset in
                offset.flatMap { buffer.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            let formats = [Int32](repeating: PostgresLink.binaryFormat, count: values.count)
            return body(Int32(values.count), values, lengths, formats)
        }
    }
}
