/// Takes the address of a remote repository apart as git does (`parse_connect_url` in its `connect.c`), and checks each
/// part for what git, ssh or a proxy command could take for something else.
enum RemoteAddress {
    /// - Returns: the address with its scheme in lower case, as git expects it.
    static func check(_ bytes: [UInt8]) throws(InvalidInput) -> String {
        guard let separator = bytes.firstRange(of: Array("://".utf8)) else {
            try checkSCP(bytes[...])
            return String(decoding: bytes, as: UTF8.self)
        }
        let scheme = String(decoding: bytes[..<separator.lowerBound], as: UTF8.self).lowercased()
        guard ["https", "ssh", "git"].contains(scheme) else {
            throw refuse("has the scheme '\(scheme)'; expected https, ssh or git")
        }
        let rest = bytes[separator.upperBound...]
        let authority = rest.prefix { $0 != slash }
        guard rest.count > authority.count + 1 else { throw refuse("has no path after the host") }
        // Over https a user's name is a token more often than not, and the worker's git knows its own.
        guard scheme != "https" || !authority.contains(at) else { throw credentials }
        try check(authority: authority, mayHavePort: true)
        return scheme + String(decoding: bytes[separator.lowerBound...], as: UTF8.self)
    }

    /// `user@host:path`, where the host may be an IPv6 address in brackets.
    private static func checkSCP(_ bytes: ArraySlice<UInt8>) throws(InvalidInput) {
        let start = bytes.firstIndex(of: UInt8(ascii: "["))
        let isBracketed = start.map { $0 == 0 || bytes[$0 - 1] == at } ?? false
        let hostEnd = isBracketed ? bytes.firstIndex(of: UInt8(ascii: "]")) ?? 0 : 0
        guard let colonAt = bytes[hostEnd...].firstIndex(of: colon), !bytes[..<colonAt].contains(slash),
            colonAt + 1 < bytes.count
        else {
            throw refuse(
                "is not an address git can fetch from; expected https://…, ssh://…, git://… or user@host:path")
        }
        let path = bytes[(colonAt + 1)...]
        guard path.first != UInt8(ascii: "-") else {
            throw refuse("has a path that starts with '-', which git would take for an option")
        }
        // `user:password@host:path`: git takes the user for the host here, but people do not mean that.
        guard !path.prefix(while: { $0 != slash }).contains(at) else { throw password }
        try check(authority: bytes[..<colonAt], mayHavePort: false)
    }

    private static func check(authority: ArraySlice<UInt8>, mayHavePort: Bool) throws(InvalidInput) {
        var host = authority
        if let end = authority.lastIndex(of: at) {
            let user = authority[..<end]
            host = authority[(end + 1)...]
            guard !user.contains(colon) else { throw password }
            let allowed = user.allSatisfy { $0.isLetterOrDigit || "._-+~=%@".utf8.contains($0) }
            // A '%' could hide a '-' here: git decodes it before it calls ssh.
            guard let first = user.first, !"-%".utf8.contains(first), allowed else {
                throw refuse("has no usable user name before '@'")
            }
        }
        let (name, port) = split(host)
        guard let name, isHostName(name) else { throw refuse("has no usable host name") }
        guard !port.isEmpty else { return }
        let digits = port.dropFirst()
        let number = digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? digits : []
        guard mayHavePort, let value = Int(String(decoding: number, as: UTF8.self)), (1...65_535).contains(value) else {
            throw refuse("has no usable port after the host; expected a number from 1 to 65535")
        }
    }

    /// The name, `nil` where it cannot be one, and all that follows it, with its colon.
    private static func split(_ host: ArraySlice<UInt8>) -> (name: ArraySlice<UInt8>?, port: ArraySlice<UInt8>) {
        guard host.first == UInt8(ascii: "[") else {
            let name = host.prefix { $0 != colon }
            return (name, host[name.endIndex...])
        }
        guard let close = host.firstIndex(of: UInt8(ascii: "]")) else { return (nil, []) }
        let port = host[(close + 1)...]
        let inner = host[(host.startIndex + 1)..<close]
        let isIPv6 = inner.contains(colon) && inner.allSatisfy { hexDigit($0) != nil || ":.".utf8.contains($0) }
        return (isIPv6 && (port.first ?? colon) == colon ? inner : nil, port)
    }

    /// Letters (of any script), digits, `.`, `-`, `_`, and the colons of an IPv6 address; nothing that a shell knows.
    private static func isHostName(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, first != UInt8(ascii: "-") else { return false }
        return name.allSatisfy { $0.isLetterOrDigit || $0 >= 0x80 || ".-_:".utf8.contains($0) }
    }

    private static var password: InvalidInput {
        refuse(
            "contains a password, and everybody who may read the build would see it; "
                + "give the worker's git credentials instead")
    }

    private static var credentials: InvalidInput {
        refuse(
            "contains a user name or password before '@', and everybody who may read the build would see it; leave it "
                + "out and give the worker's git credentials instead")
    }

    private static func refuse(_ why: String) -> InvalidInput { InvalidInput(field: "repo_url", message: why) }
}

private let slash = UInt8(ascii: "/")
private let colon = UInt8(ascii: ":")
private let at = UInt8(ascii: "@")

extension UInt8 {
    /// Of ASCII.
    var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
