import ArgumentParser

/// Variables on the command line, as docker has them.
enum Variables {
    /// - Throws: `ValidationError` for what is neither `NAME=VALUE` nor the name of an inherited variable.
    static func parse(_ texts: [String], inherited: [String: String]) throws -> [String: String] {
        var variables: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard !name.isEmpty else { throw ValidationError("--env: expected NAME=VALUE, got '\(text)'") }
            guard let value = parts.count == 2 ? String(parts[1]) : inherited[name] else {
                throw ValidationError("--env: there is no variable '\(name)' here; expected NAME=VALUE")
            }
            variables[name] = value
        }
        return variables
    }
}
