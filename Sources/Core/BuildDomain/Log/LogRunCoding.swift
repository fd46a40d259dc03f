/// The stored and sent form of a chunk's runs: per run 20 bytes, little-endian:
/// milliseconds (8), stream with the top bit for "ends unterminated" (1), zero (1), step (2), lines (4), bytes (4).
extension LogRun {
    public static let encodedSize = 20

    public static func encode(_ runs: [LogRun]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(runs.count * encodedSize)
        for run in runs {
            append(UInt64(bitPattern: run.time.milliseconds), 8, to: &bytes)
            bytes.append(run.stream.rawValue | (run.endsUnterminated ? 0x80 : 0))
            bytes.append(0)
            append(UInt64(run.step), 2, to: &bytes)
            append(UInt64(run.lines), 4, to: &bytes)
            append(UInt64(run.bytes), 4, to: &bytes)
        }
        return bytes
    }

    /// - Returns: `nil` where the bytes are not an encoding of runs.
    public static func decode(_ bytes: some Collection<UInt8>) -> [LogRun]? {
        let bytes = Array(bytes)
        guard bytes.count % encodedSize == 0 else { return nil }
        var runs: [LogRun] = []
        runs.reserveCapacity(bytes.count / encodedSize)
        for start in stride(from: 0, to: bytes.count, by: encodedSize) {
            guard let stream = LogStream(rawValue: bytes[start + 8] & 0x7F), bytes[start + 9] == 0 else { return nil }
            runs.append(
                LogRun(
                    time: Timestamp(milliseconds: Int64(bitPattern: number(bytes, start, 8))), stream: stream,
                    step: Int(number(bytes, start + 10, 2)), lines: Int(number(bytes, start + 12, 4)),
                    bytes: Int(number(bytes, start + 16, 4)), endsUnterminated: bytes[start + 8] & 0x80 != 0))
        }
        return runs
    }

    private static func append(_ value: UInt64, _ size: Int, to bytes: inout [UInt8]) {
        for index in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ size: Int) -> UInt64 {
        (0..<size).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
}
