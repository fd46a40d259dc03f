import BuildDomain
import Logging

/// How the text of a flag or an environment variable becomes a value.
enum Parse {
    static func number(_ range: ClosedRange<Int>) -> @Sendable (String) throws(Expectation) -> Int {
        { (text: String) throws(Expectation) in
            guard let value = Int(text), range.contains(value) else {
                throw Expectation(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
    }

    static func quantity(
        _ range: ClosedRange<Int>, _ scale: Quantity
    ) -> @Sendable (String) throws(Expectation) -> Int {
        { (text: String) throws(Expectation) in
            guard let value = scale.parse(text), range.contains(value) else {
                throw Expectation(
                    expected:
                        "\(range.lowerBound) to \(range.upperBound) \(scale.unit), as a number or as in "
                        + scale.example
                )
            }
            return value
        }
    }

    static func boolean(_ text: String) throws(Expectation) -> Bool {
        switch text.lowercased() {
        case "1", "true", "yes", "on": true
        case "0", "false", "no", "off": false
        default: throw Expectation(expected: "true or false")
        }
    }

    static func host(_ text: String) throws(Expectation) -> String {
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else {
            throw Expectation(expected: "an address or host name such as 127.0.0.1, 0.0.0.0 or ::1")
        }
        return text
    }

    /// One line without control characters, as names in logs and headers must be.
    static func name(_ text: String) throws(Expectation) -> String {
        guard (1...100).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Expectation(expected: "1 to 100 printable ASCII characters without spaces")
        }
        return text
    }

    static func labels(_ text: String) throws(Expectation) -> Set<Label> {
        var labels: Set<Label> = []
        for part in text.split(separator: ",") where part.contains(where: { !$0.isWhitespace }) {
            do { labels.insert(try Label(String(part.trimmed))) } catch {
                throw Expectation(expected: "labels of 1 to \(Label.maximumLength) letters, digits or . _ - = : / each")
            }
        }
        guard labels.count <= Label.maximumCount else {
            throw Expectation(expected: "at most \(Label.maximumCount) labels")
        }
        return labels
    }

    static func databaseURL(_ text: String) throws(Expectation) -> String? {
        let isKnown = ["postgres://", "postgresql://"].contains { text.hasPrefix($0) && text.count > $0.count }
        guard isKnown, text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw Expectation(expected: "postgres://USER:PASSWORD@HOST:PORT/DATABASE")
        }
        return text
    }

    static func token(_ text: String) throws(Expectation) -> String? {
        let token = String(text.trimmed)
        guard (8...512).contains(token.utf8.count), token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Expectation(expected: "a token as `mini-ci token create` prints it")
        }
        return token
    }

    static func logLevel(_ text: String) throws(Expectation) -> Logger.Level {
        guard let level = Logger.Level(rawValue: text.lowercased()) else {
            let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw Expectation(expected: "one of \(names)")
        }
        return level
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: SubSequence {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return self[endIndex...] }
        return self[first...last]
    }
}
