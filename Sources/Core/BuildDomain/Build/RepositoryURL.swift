/// The address of a git repository that has been checked to be one, so that git can take it for nothing else.
///
/// Accepted are `https://`, `ssh://`, `git://`, the scp-like `user@host:path`, and (where local repositories are
/// allowed) absolute paths and `file://`. Refused is everything that git could read as an option (`--upload-pack=…`) or
/// as a transport helper (`ext::…`), control characters, passwords, and over https any user name, which may be a token:
/// the address is shown to everybody who may read the build.
public struct RepositoryURL: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    /// Whether the address names a folder of the worker's machine.
    public let isLocal: Bool

    /// The longest accepted address, in bytes.
    public static let maximumLength = 2048

    /// - Throws: ``InvalidInput`` that says what was expected and what came.
    public init(_ text: String, allowLocal: Bool) throws(InvalidInput) {
        func refuse(_ why: String) -> InvalidInput { InvalidInput(field: "repo_url", message: why) }
        guard !text.isEmpty else { throw refuse("is empty; expected https://…, ssh://…, git://… or user@host:path") }
        guard text.utf8.count <= Self.maximumLength else { throw refuse("is longer than \(Self.maximumLength) bytes") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x21 || (0x7F...0x9F).contains($0.value) }) else {
            throw refuse("contains a space or control character")
        }
        // Bytes and not characters, as git sees them: for Swift, ':' with a combining mark behind it is no ':' any
        // more.
        let bytes = Array(text.utf8)
        guard bytes[0] != UInt8(ascii: "-") else {
            throw refuse("starts with '-', which git would take for an option")
        }
        guard !Self.namesHelper(bytes) else {
            throw refuse("starts with a name and '::', which git would take for a transport helper")
        }
        if let path = try Self.localPath(bytes) {
            guard allowLocal else {
                throw refuse(
                    "names a local folder, and local repositories are off here "
                        + "(--allow-local-repositories turns them on)")
            }
            (description, isLocal) = (path, true)
        } else {
            (description, isLocal) = (try RemoteAddress.check(bytes), false)
        }
    }

    /// git's own rule: letters, digits, `+`, `-` and `.`, then `::`.
    private static func namesHelper(_ bytes: [UInt8]) -> Bool {
        bytes.drop { $0.isLetterOrDigit || "+-.".utf8.contains($0) }.starts(with: "::".utf8)
    }

    /// The path of an address that names a folder of this machine.
    private static func localPath(_ bytes: [UInt8]) throws(InvalidInput) -> String? {
        if bytes.first == UInt8(ascii: "/") { return String(decoding: bytes, as: UTF8.self) }
        guard String(decoding: bytes.prefix(7), as: UTF8.self).lowercased() == "file://" else { return nil }
        let path = bytes.dropFirst(7)
        guard path.first == UInt8(ascii: "/") else {
            throw InvalidInput(field: "repo_url", message: "must be file:///absolute/path, without a host")
        }
        guard !path.contains(UInt8(ascii: "%")) else {
            throw InvalidInput(
                field: "repo_url", message: "contains '%', which file:// addresses may not; give the path itself")
        }
        return String(decoding: path, as: UTF8.self)
    }
}

extension RepositoryURL {
    /// Takes back an address that was checked when it was accepted, from a store or from the control plane.
    public init(accepted text: String) {
        description = text
        isLocal = text.utf8.first == UInt8(ascii: "/")
    }
}
