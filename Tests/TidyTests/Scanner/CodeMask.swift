/// Swift source in which comments and the contents of string and regex literals are spaces.
///
/// Lines stay where they were, quotes stay, and code inside `\( … )` stays, so that what looks like code is code. This
/// is no parser: it knows the shapes that `swift format` lets through.
struct CodeMask {
    private enum Context {
        /// Code; inside an interpolation with the number of parentheses that are open in it.
        case code(openParentheses: Int)
        case string(hashes: Int, quotes: Int)
    }

    private let source: [UInt8]
    private var masked: [UInt8] = []
    private var position = 0
    private var contexts: [Context] = [.code(openParentheses: 0)]

    /// The bytes of `text` that are code; everything else is a space or a newline.
    static func code(of text: String) -> [UInt8] {
        var mask = CodeMask(text)
        while mask.position < mask.source.count { mask.step() }
        return mask.masked
    }

    private init(_ text: String) {
        source = Array(text.utf8)
        masked.reserveCapacity(source.count)
    }

    private mutating func step() {
        switch contexts.last {
        case .string(let hashes, let quotes): stepInString(hashes: hashes, quotes: quotes)
        case .code(let open): stepInCode(openParentheses: open)
        case nil: contexts = [.code(openParentheses: 0)]
        }
    }

    private mutating func stepInCode(openParentheses: Int) {
        if sees("//") {
            while position < source.count, source[position] != newline { blank() }
        } else if sees("/*") {
            blankComment()
        } else if let (hashes, quotes) = stringStart() {
            keep(hashes + quotes)
            contexts.append(.string(hashes: hashes, quotes: quotes))
        } else if let end = regexEnd() {
            keep(1)
            while position < end { blank() }
        } else {
            countParentheses(open: openParentheses)
            keep(1)
        }
    }

    private mutating func countParentheses(open: Int) {
        guard open > 0 else { return }
        let change = source[position] == UInt8(ascii: "(") ? 1 : source[position] == UInt8(ascii: ")") ? -1 : 0
        contexts.removeLast()
        if open + change > 0 { contexts.append(.code(openParentheses: open + change)) }
    }

    private mutating func stepInString(hashes: Int, quotes: Int) {
        let fence = String(repeating: "#", count: hashes)
        if sees("\\" + fence + "(") {
            blank(1 + hashes)
            keep(1)
            contexts.append(.code(openParentheses: 1))
        } else if sees("\\" + fence) {
            blank(1 + hashes)
            blank()
        } else if sees(String(repeating: "\"", count: quotes) + fence) {
            keep(quotes + hashes)
            contexts.removeLast()
        } else if quotes == 1, source[position] == newline {
            contexts.removeLast()
        } else {
            blank()
        }
    }

    private mutating func blankComment() {
        var depth = 0
        repeat {
            let change = sees("/*") ? 1 : sees("*/") ? -1 : 0
            depth += change
            blank(change == 0 ? 1 : 2)
        } while depth > 0 && position < source.count
    }

    /// The hashes and quotes that open a string here.
    private func stringStart() -> (hashes: Int, quotes: Int)? {
        let hashes = source[position...].prefix { $0 == UInt8(ascii: "#") }.count
        guard sees("\"", ahead: hashes) else { return nil }
        return (hashes, sees("\"\"\"", ahead: hashes) ? 3 : 1)
    }

    /// Where a regex literal that starts here ends: its closing slash, on the same line. A slash divides where a value
    /// stands before it, and opens no literal before a space or where a parenthesis would close that was never opened.
    private func regexEnd() -> Int? {
        guard source[position] == UInt8(ascii: "/"), position + 1 < source.count else { return nil }
        let before = masked.last { $0 != space && $0 != newline }
        guard before.map({ "=(,:[{?".utf8.contains($0) || $0 == UInt8(ascii: "#") }) ?? true else { return nil }
        guard source[position + 1] != space, source[position + 1] != newline else { return nil }
        var at = position + 1
        var groups = 0
        while at < source.count, source[at] != newline, groups >= 0 {
            switch source[at] {
            case UInt8(ascii: "/"): return at
            case UInt8(ascii: "\\"): at += 1
            case UInt8(ascii: "("): groups += 1
            case UInt8(ascii: ")"): groups -= 1
            default: break
            }
            at += 1
        }
        return nil
    }

    private func sees(_ text: String, ahead: Int = 0) -> Bool {
        source[min(position + ahead, source.count)...].starts(with: text.utf8)
    }

    private mutating func keep(_ count: Int) {
        masked += source[position..<min(position + count, source.count)]
        position += count
    }

    private mutating func blank(_ count: Int = 1) {
        for byte in source[position..<min(position + count, source.count)] {
            masked.append(byte == newline ? newline : space)
        }
        position += count
    }
}

let newline = UInt8(ascii: "\n")
let space = UInt8(ascii: " ")
