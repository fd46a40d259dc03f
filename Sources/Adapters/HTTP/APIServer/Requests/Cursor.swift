import BuildDomain

/// Where a page of builds ends, in a form that tells clients nothing: base64url of a version and the last build's id.
enum Cursor {
    private static let version: UInt8 = 1
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encode(_ id: BuildID) -> String {
        var bytes: [UInt8] = [version]
        for word in [id.high, id.low] { withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) } }
        bytes.append(0)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let word = bytes[start..<start + 3].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            for shift in [18, 12, 6, 0] { text.append(alphabet[Int(word >> UInt32(shift) & 63)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: `nil` where the text was not made by ``encode(_:)``.
    static func decode(_ text: String) -> BuildID? {
        let digits = text.utf8.compactMap { alphabet.firstIndex(of: $0) }
        guard digits.count == 24, text.utf8.count == 24 else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: 24, by: 4) {
            let word = digits[start..<start + 4].reduce(0) { $0 << 6 | $1 }
            for shift in [16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        guard bytes[0] == version else { return nil }
        let number = { (range: Range<Int>) in bytes[range].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        return BuildID(high: number(1..<9), low: number(9..<17))
    }
}
