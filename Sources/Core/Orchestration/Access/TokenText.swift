import Crypto

/// A bearer token's text: `mci_` and 43 characters of base64url, which are 256 random bits.
public struct TokenText: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    static let prefix = "mci_"

    /// Makes a new token.
    public init(entropy: any Entropy) {
        let bytes = (0..<4).flatMap { _ in withUnsafeBytes(of: entropy.random()) { Array($0) } }
        description = Self.prefix + Self.base64URL(bytes)
    }

    /// Takes a token that somebody presents; any text at all.
    public init(presented text: String) { description = text }

    /// What is kept of it: SHA-256 of the text. A plain hash is enough because nobody can guess 256 random bits.
    public var digest: [UInt8] { Array(SHA256.hash(data: Array(description.utf8))) }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0...group.count { text.append(alphabet[Int(word >> UInt32(18 - 6 * index) & 63)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Compares without telling by its duration where the first difference is.
public func constantTimeEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
