import BuildDomain
import Orchestration

/// Where a page of builds ends, in a form that tells clients nothing: base64url of a version and the last build's id.
enum Cursor {
    private static let version: UInt8 = 1

    static func encode(_ id: BuildID) -> String {
        var bytes: [UInt8] = [version]
        for word in [id.high, id.low] { withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) } }
        // Whole groups: every text of this length that begins as it must is a cursor.
        bytes.append(0)
        return Base64URL.encode(bytes)
    }

    /// - Returns: `nil` where the text was not made by ``encode(_:)``.
    static func decode(_ text: String) -> BuildID? {
        guard let bytes = Base64URL.decode(text), bytes.count == 18, bytes[0] == version else { return nil }
        let number = { (range: Range<Int>) in bytes[range].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        return BuildID(high: number(1..<9), low: number(9..<17))
    }
}
