/// The body of a function, initializer, subscript or computed property.
struct FunctionBody {
    /// The line of its opening brace, counted from 1.
    var line: Int
    /// Lines from the opening to the closing brace, both included.
    var length: Int
    /// Whether the body is one `switch` and nothing else: a table, which may be longer than a procedure.
    var isTable: Bool

    static let introducers: Set<String> = ["func", "init", "deinit", "subscript", "var"]

    /// The bodies in masked code (``CodeMask``); a nested one counts by itself and as part of the one around it.
    static func all(in code: [UInt8]) -> [FunctionBody] {
        Word.all(in: code)
            .filter { introducers.contains($0.text) && $0.before != UInt8(ascii: ".") }
            .compactMap { bodyStart(in: code, after: $0) }
            .compactMap { body(in: code, from: $0) }
    }

    /// The opening brace of what `word` declares; nil for a requirement or a stored property.
    private static func bodyStart(in code: [UInt8], after word: Word) -> Int? {
        var depth = 0
        for at in word.end..<code.count {
            switch code[at] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 0 { return nil }
            case UInt8(ascii: "{") where depth == 0: return at
            case UInt8(ascii: "}") where depth == 0: return nil
            case UInt8(ascii: "=") where depth == 0 && word.text == "var": return nil
            case newline where depth == 0 && !continues(code[at...]): return nil
            default: break
            }
        }
        return nil
    }

    /// Whether a declaration's head goes on after a line break.
    private static func continues(_ code: ArraySlice<UInt8>) -> Bool {
        let next = code.drop { $0 == space || $0 == newline }
        return ["{", "->", "where ", "async", "throws", "rethrows"].contains { next.starts(with: $0.utf8) }
    }

    private static func body(in code: [UInt8], from open: Int) -> FunctionBody? {
        guard let close = closingBrace(in: code, from: open) else { return nil }
        return FunctionBody(
            line: 1 + code[..<open].count { $0 == newline }, length: 1 + code[open..<close].count { $0 == newline },
            isTable: isTable(code, open: open, close: close))
    }

    private static func isTable(_ code: [UInt8], open: Int, close: Int) -> Bool {
        let inside = code[(open + 1)..<close]
        let start = inside.drop { $0 == space || $0 == newline }
        guard start.starts(with: "switch ".utf8) || start.starts(with: "return switch ".utf8) else { return false }
        guard let brace = start.firstIndex(of: UInt8(ascii: "{")), let end = closingBrace(in: code, from: brace) else {
            return false
        }
        return code[(end + 1)..<close].allSatisfy { $0 == space || $0 == newline }
    }

    private static func closingBrace(in code: [UInt8], from open: Int) -> Int? {
        var depth = 0
        for at in open..<code.count {
            if code[at] == UInt8(ascii: "{") { depth += 1 }
            if code[at] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return at }
        }
        return nil
    }
}
