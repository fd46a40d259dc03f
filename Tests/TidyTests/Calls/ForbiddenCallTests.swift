import Testing

@Suite struct ForbiddenCallTests {
    @Test func sourcesCannotCrashOrPrint() throws {
        let findings = try SourceTree.swiftFiles(under: "Sources").flatMap(forbiddenCalls)
        expectNone(findings)
    }

    @Test func nothingIsLeftForLater() throws {
        let kinds = [".swift", ".sh", ".md", ".c", ".h", ".sql", ".yaml", ".yml", "Makefile", "Dockerfile"]
        let findings = try SourceTree.files { kinds.contains(where: $0.hasSuffix) }.flatMap(reminders)
        expectNone(findings)
    }

    @Test(arguments: [
        "let a = try! f()", "let a = b as! C", "let a = b!", "let a = b[0]!.c", "f(a!, b)", "let a = \"\\(b!)\"",
        "var a: Int!", "if a! == b {}", "f { $0 }!.g()", "print(a)", "Swift.print(a)", "  debugPrint(a)", "dump(a)",
        "fatalError(\"no\")", "final class A: @unchecked Sendable {}",
        "let a = 1\nclass A: B,\n    @unchecked Sendable {}",
    ])
    func bad(source: String) {
        #expect(forbiddenCalls(in: SourceFile(path: "Sources/MiniCI/a.swift", text: source)).count == 1)
    }

    @Test(arguments: [
        "let a = !b", "if !a, !(b) {}", "a != b", "a!=b", "let a = try? f()", "let a = b as? C", "// a!", "\"a!\"",
        "let a = /b!/", "table.print(a)", "func print(_ a: Int) {}", "sprint(a)", "let print = 1", "let tryHard = 1",
        "// The lock guards all state.\nfinal class A: @unchecked Sendable {}",
        "// The lock guards all state.\n@available(macOS 15, *)\nfinal class A: B,\n    @unchecked Sendable {}",
    ])
    func good(source: String) {
        #expect(forbiddenCalls(in: SourceFile(path: "Sources/MiniCI/a.swift", text: source)).isEmpty)
    }

    @Test func theCommandLineMayPrint() {
        #expect(forbiddenCalls(in: SourceFile(path: "Sources/mini-ci/a.swift", text: "print(a)")).isEmpty)
    }

    @Test func aReminderIsFoundAsAWordOnly() {
        let text = "// \(marks[0]): later\n// \(marks[0])S\n# \(marks[1])\n"
        #expect(reminders(in: SourceFile(path: "a.sh", text: text)).map(\.line) == [1, 3])
    }
}

/// In two halves, or this file would find itself.
private let marks = ["TO" + "DO", "FIX" + "ME"]

private func reminders(in file: SourceFile) -> [Finding] {
    file.lines.enumerated().filter { marks.contains(where: $0.element.contains) }.flatMap { offset, line in
        line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.filter { marks.contains(String($0)) }.map {
            Finding(path: file.path, line: offset + 1, message: "\($0): do it now, or plan it elsewhere")
        }
    }
}
