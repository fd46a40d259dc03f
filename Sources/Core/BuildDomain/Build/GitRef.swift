/// A branch, a tag, a full commit id or a full `refs/…` name, checked by the rules of `git check-ref-format`.
public struct GitRef: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// The longest accepted name, in bytes.
    public static let maximumLength = 255

    /// - Throws: ``InvalidInput`` that names the rule that was broken.
    public init(_ text: String) throws(InvalidInput) {
        func refuse(_ why: String) -> InvalidInput { InvalidInput(field: "ref", message: why) }
        guard !text.isEmpty else { throw refuse("is empty; expected a branch, a tag, a full SHA or refs/…") }
        guard text.utf8.count <= Self.maximumLength else { throw refuse("is longer than \(Self.maximumLength) bytes") }
        // Bytes and not characters, as git sees them: for Swift, '-' with a combining mark behind it is no '-' any
        // more.
        let bytes = Array(text.utf8)
        guard bytes[0] != UInt8(ascii: "-") else {
            throw refuse("starts with '-', which git would take for an option")
        }
        let forbidden = text.unicodeScalars.first {
            $0.value < 0x21 || $0.value == 0x7F || "~^:?*[\\".unicodeScalars.contains($0)
        }
        if let forbidden {
            throw refuse("contains \(String(forbidden).debugDescription), which a git ref may not")
        }
        guard bytes.firstRange(of: Array("..".utf8)) == nil, bytes.firstRange(of: Array("@{".utf8)) == nil, text != "@"
        else {
            throw refuse("contains '..', '@{' or is '@'")
        }
        guard let last = bytes.last, !"./".utf8.contains(last), bytes[0] != slash else {
            throw refuse("starts or ends with '/', or ends with '.'")
        }
        for part in bytes.split(separator: slash, omittingEmptySubsequences: false)
        where part.isEmpty || part.first == UInt8(ascii: ".") || part.suffix(5).elementsEqual(".lock".utf8) {
            let name = String(decoding: part, as: UTF8.self)
            throw refuse("has the part '\(name)'; parts may not be empty, start with '.' or end with '.lock'")
        }
        description = text
    }

    /// The commit, where the ref is a full commit id.
    public var commit: CommitSHA? { CommitSHA(description) }
}

/// A full commit id: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits.
public struct CommitSHA: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init?(_ text: some StringProtocol) {
        let lowered = text.lowercased()
        guard lowered.utf8.count == 40 || lowered.utf8.count == 64, lowered.utf8.allSatisfy({ hexDigit($0) != nil })
        else {
            return nil
        }
        description = lowered
    }
}

private let slash = UInt8(ascii: "/")

extension GitRef {
    /// Takes back a name that was checked when it was accepted, from a store or from the control plane.
    public init(accepted text: String) { description = text }
}
