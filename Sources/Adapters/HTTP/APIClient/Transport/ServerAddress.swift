import BuildDomain

/// Where a server is: `http://host`, `https://host:port`, optionally with a path before the API's own.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    /// Without a slash at the end, so that a path of the API can follow.
    public let description: String

    /// Where a server on this machine listens that was told nothing.
    public static let local = ServerAddress(checked: "http://127.0.0.1:8000")

    private init(checked text: String) { description = text }

    /// - Throws: ``InvalidInput`` that says what was expected and what came. A password is not repeated.
    public init(_ text: String) throws(InvalidInput) {
        func refuse(_ why: String) -> InvalidInput { InvalidInput(field: "server", message: why) }
        let scheme = ["http://", "https://"].first { text.lowercased().hasPrefix($0) }
        guard let scheme else {
            throw refuse("expected http://… or https://…, got \(text.prefix(100).debugDescription)")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), text.utf8.count <= 2048 else {
            throw refuse("expected at most 2048 printable ASCII characters without spaces")
        }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else {
            throw refuse("must not contain a user or password; the token says who you are")
        }
        guard !text.contains(where: { $0 == "?" || $0 == "#" }) else { throw refuse("must not contain '?' or '#'") }
        guard Self.isHost(authority) else {
            throw refuse("expected a host and perhaps a port, such as \(scheme)ci.example:8000, got '\(authority)'")
        }
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        description = scheme + authority + path
    }

    private static func isHost(_ authority: Substring) -> Bool {
        // An IPv6 address stands in brackets and has colons of its own.
        let name = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        let rest = authority.dropFirst(name.count)
        guard !name.isEmpty, name != "[]", authority.hasPrefix(name) else { return false }
        guard let first = rest.first else { return true }
        let port = UInt16(rest.dropFirst())
        return first == ":" && port.map { $0 > 0 } ?? false
    }
}
