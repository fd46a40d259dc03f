/// Where in `file` the code does what sources may not do.
func forbiddenCalls(in file: SourceFile) -> [Finding] {
    let code = CodeMask.code(of: file.text)
    let words = Word.all(in: code)
    let found = forcedWords(words) + printing(words, in: file) + fatalErrors(words, in: file)
    return (found + forceUnwraps(code) + uncheckedSendables(code, in: file))
        .map { Finding(path: file.path, line: $0.line, message: $0.message) }
        .sorted { $0.line < $1.line }
}

private typealias Found = (line: Int, message: String)

/// Sources that may stop the process, each with why nothing better is possible there. None so far.
private let mayCallFatalError: [String: String] = [:]

private func forcedWords(_ words: [Word]) -> [Found] {
    words.filter { ["try", "as"].contains($0.text) && $0.after == UInt8(ascii: "!") }
        .map { ($0.line, "'\($0.text)!' crashes where an error could be thrown") }
}

/// `print` and its kin as free functions; a method of that name is somebody else's.
private func printing(_ words: [Word], in file: SourceFile) -> [Found] {
    guard !file.path.hasPrefix("Sources/mini-ci/") else { return [] }
    return zip([Word(text: "", line: 0, end: 0, before: space, after: space)] + words, words)
        .filter { previous, word in
            ["print", "debugPrint", "dump"].contains(word.text) && word.after == UInt8(ascii: "(")
                && (word.before != UInt8(ascii: ".") || previous.text == "Swift") && previous.text != "func"
        }
        .map { ($1.line, "'\($1.text)' belongs to the command line; log with metadata instead") }
}

private func fatalErrors(_ words: [Word], in file: SourceFile) -> [Found] {
    guard mayCallFatalError[file.path] == nil else { return [] }
    return words.filter { $0.text == "fatalError" && $0.after == UInt8(ascii: "(") }
        .map { ($0.line, "'fatalError' ends every build on this machine; throw, or make the state impossible") }
}

/// A `!` right behind a value or a type. Behind a space or an operator it negates, and `!=` compares.
private func forceUnwraps(_ code: [UInt8]) -> [Found] {
    var found: [Found] = []
    var line = 1
    for at in code.indices {
        line += code[at] == newline ? 1 : 0
        guard code[at] == UInt8(ascii: "!"), at > 0 else { continue }
        let before = code[at - 1]
        guard before.isNamePart || ")]}\"`?".utf8.contains(before) else { continue }
        let isComparison = code[(at + 1)...].starts(with: "=".utf8) && !code[(at + 1)...].starts(with: "==".utf8)
        let word = String(decoding: code[..<at].reversed().prefix { $0.isNamePart }.reversed(), as: UTF8.self)
        if !isComparison, word != "try", word != "as" {
            found.append((line, "'!' crashes on nil; use 'guard let' and say what is missing"))
        }
    }
    return found
}

/// `@unchecked Sendable` on a declaration without a comment above it that says why it holds.
private func uncheckedSendables(_ code: [UInt8], in file: SourceFile) -> [Found] {
    let lines = file.lines.map { $0.drop { $0 == " " } }
    let declarations: Set = ["class", "struct", "enum", "actor", "extension"]
    let words = Word.all(in: code)
    return words.filter { $0.text == "unchecked" && $0.before == UInt8(ascii: "@") }.compactMap { word in
        let head = words.last { $0.line <= word.line && declarations.contains($0.text) }
        var above = (head ?? word).line - 2
        while above >= 0, lines[above].hasPrefix("@") { above -= 1 }
        guard above < 0 || !lines[above].hasPrefix("//") else { return nil }
        return (word.line, "'@unchecked Sendable' needs a comment above it that says what makes it safe")
    }
}
