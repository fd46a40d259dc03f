/// Keeps secrets out of what is printed.
public enum Redaction {
    /// A database address with its password, wherever it stands, replaced by `***`.
    public static func withoutPassword(_ url: String) -> String {
        var text = url
        if let scheme = text.firstRange(of: "://") {
            let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
            // A password may itself contain an @, so the last one ends it.
            if let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") {
                text.replaceSubrange(text.index(after: colon)..<at, with: "***")
            }
        }
        guard let question = text.firstIndex(of: "?") else { return text }
        let pairs = text[text.index(after: question)...].split(separator: "&", omittingEmptySubsequences: false)
        let shown = pairs.map { pair -> Substring in
            let isSecret = ["password=", "sslpassword=", "passfile="].contains { pair.lowercased().hasPrefix($0) }
            return isSecret ? pair.prefix { $0 != "=" } + "=***" : pair
        }
        return text[...question] + shown.joined(separator: "&")
    }
}
