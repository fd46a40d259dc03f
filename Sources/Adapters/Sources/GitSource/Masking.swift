/// Replaces the user part of web addresses, which is a token more often than a name: `https://token@host` becomes
/// `https://***@host`. The login name of an `ssh://` address is no secret and stays.
func masked(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "@")) else { return text }
    var result = ""
    var rest = text[...]
    while let separator = rest.firstRange(of: "://") {
        let isSSH = rest[..<separator.lowerBound].lowercased().hasSuffix("ssh")
        let authority = rest[separator.upperBound...].prefix { !"/ \t\r\n'\"".contains($0) }
        result += rest[..<separator.upperBound]
        if !isSSH, let at = authority.lastIndex(of: "@") {
            result += "***"
            rest = rest[at...]
        } else {
            rest = rest[separator.upperBound...]
        }
    }
    return result + rest
}

/// An address without the user part of web addresses, for a workspace's `origin`: what runs there must bring its own
/// credentials.
func withoutCredentials(_ address: String) -> String {
    masked(address).replacing("://***@", with: "://")
}
