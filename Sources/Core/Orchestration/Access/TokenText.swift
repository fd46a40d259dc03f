import Crypto

/// A bearer token's text: `mci_` and 43 characters of base64url, which are 256 random bits.
public struct TokenText: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    static let prefix = "mci_"

    /// Makes a new token.
    public init(entropy: any Entropy) {
        let bytes = (0..<4).flatMap { _ in withUnsafeBytes(of: entropy.random()) { Array($0) } }
        description = Self.prefix + Base64URL.encode(bytes)
    }

    /// Takes a token that somebody presents; any text at all.
    public init(presented text: String) { description = text }

    /// What is kept of it: SHA-256 of the text. A plain hash is enough because nobody can guess 256 random bits.
    public var digest: [UInt8] { Array(SHA256.hash(data: Array(description.utf8))) }
}

/// Compares without telling by its duration where the first difference is.
public func constantTimeEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
