/// The address of a git repository that has been checked to be one, so that git can take it for nothing else.
///
/// Accepted are `https://`, `ssh://`, `git://`, the scp-like `user@host:path`, and (where local repositories are allowed) absolute
/// paths and `file://`. Refused is everything that git could read as an option (`--upload-pack=…`) or as a transport
/// helper (`ext::…`), control characters, and passwords: the address is shown to everybody who may read the build.
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
        guard !text.unicodeScalars.contains(where: { $0.value < 0x21 || $0.value == 0x7F }) else {
            throw refuse("contains a space or control character")
        }
        guard !text.hasPrefix("-") else { throw refuse("starts with '-', which git would take for an option") }
        guard !text.contains("::") else { throw refuse("contains '::', which git would take for a transport helper") }
        if text.hasPrefix("/") || text.lowercased().hasPrefix("file://") {
            guard allowLocal else {
                throw refuse("names a local folder, and local repositories are off here (--allow-local-repositories turns them on)")
            }
            description = text.hasPrefix("/") ? text : String(text.dropFirst(7))
            guard description.hasPrefix("/") else { throw refuse("must be file:///absolute/path, without a host") }
            isLocal = true
            return
        }
        try Self.checkRemote(text)
        description = text
        isLocal = false
    }

    private static func checkRemote(_ text: String) throws(InvalidInput) {
        func refuse(_ why: String) -> InvalidInput { InvalidInput(field: "repo_url", message: why) }
        let authority: Substring
        if let separator = text.range(of: "://") {
            let scheme = text[..<separator.lowerBound].lowercased()
            guard ["https", "ssh", "git"].contains(scheme) else {
                throw refuse("has the scheme '\(scheme)'; expected https, ssh or git")
            }
            let rest = text[separator.upperBound...]
            authority = rest.prefix { $0 != "/" }
            guard rest.count > authority.count + 1 else { throw refuse("has no path after the host") }
        } else {
            guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/"), text.index(after: colon) < text.endIndex else {
                throw refuse("is not an address git can fetch from; expected https://…, ssh://…, git://… or user@host:path")
            }
            authority = text[..<colon]
        }
        let at = authority.lastIndex(of: "@")
        if let at, authority[..<at].contains(":") {
            throw refuse("contains a password, and everybody who may read the build would see it; give the worker's git credentials instead")
        }
        let host = at.map { authority[authority.index(after: $0)...] } ?? authority
        guard !host.isEmpty, !host.hasPrefix("-"), !authority.hasPrefix("-") else {
            throw refuse("has no usable host name")
        }
    }
}

extension String {
    /// The first place where `text` occurs (the standard library alone has this only for patterns).
    fileprivate func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}

extension RepositoryURL {
    /// Takes back an address that was checked when it was accepted, from a store or from the control plane.
    public init(accepted text: String) {
        description = text
        isLocal = text.hasPrefix("/")
    }
}
