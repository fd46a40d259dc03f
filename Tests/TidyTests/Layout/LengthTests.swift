import Testing

/// A file is one idea and a function one step. Lines are lines of text; a table is a body that is one `switch`.
enum Limit {
    static let fileLines = 300
    static let medianFileLines = 150
    static let functionLines = 50
    static let tableLines = 60
    static let lineCharacters = 120
}

@Suite struct LengthTests {
    @Test func filesAreShort() throws {
        let files = try SourceTree.swiftFiles(under: "Sources", "Tests", "Benchmarks")
        // Every rule here holds for an empty tree: prove once that the tree was found.
        #expect(files.contains { $0.path == "Tests/TidyTests/Layout/LengthTests.swift" })
        #expect(files.contains { $0.path.hasPrefix("Sources/Core/BuildDomain/") })
        let findings = files.filter { $0.lines.count > Limit.fileLines }.map {
            Finding(
                path: $0.path, line: $0.lines.count, message: "at most \(Limit.fileLines) lines fit one idea; split it")
        }
        expectNone(findings)
        let median = median(try SourceTree.swiftFiles(under: "Sources").map(\.lines.count))
        #expect(median <= Limit.medianFileLines)
    }

    @Test func functionsAreShort() throws {
        let files = try SourceTree.swiftFiles(under: "Sources", "Tests", "Benchmarks")
        let findings = files.flatMap(longFunctions)
        expectNone(findings)
    }

    @Test func linesAreShort() throws {
        let files = try SourceTree.swiftFiles(under: "Sources", "Tests", "Benchmarks")
        let findings = files.flatMap(longLines)
        expectNone(findings)
    }

    @Test func aLongFunctionIsFoundAndATableMayBeLonger() {
        func file(bodyLines: Int, of line: String, before: String = "", after: String = "") -> SourceFile {
            let body = String(repeating: line + "\n", count: bodyLines)
            return SourceFile(path: "a.swift", text: "\nfunc f() {\n\(before)\(body)\(after)}\n")
        }
        let procedure = file(bodyLines: Limit.functionLines - 1, of: "step()")
        #expect(longFunctions(in: procedure).map(\.line) == [2])
        #expect(longFunctions(in: file(bodyLines: Limit.functionLines - 2, of: "step()")).isEmpty)
        let table = { file(bodyLines: $0, of: "case 1: 2", before: "switch x {\n", after: "}\n") }
        #expect(longFunctions(in: table(Limit.tableLines - 4)).isEmpty)
        #expect(longFunctions(in: table(Limit.tableLines - 3)).count == 1)
    }

    @Test func aLongLineIsFoundByCharactersAndNotBytes() {
        let fits = String(repeating: "ä", count: Limit.lineCharacters)
        #expect(longLines(in: SourceFile(path: "a.swift", text: fits + "\n\(fits)x\n")).map(\.line) == [2])
    }

    @Test func theMedianIsTheMiddle() {
        #expect(median([9, 1, 2]) == 2)
        #expect(median([]) == 0)
    }
}

private func longFunctions(in file: SourceFile) -> [Finding] {
    FunctionBody.all(in: CodeMask.code(of: file.text)).compactMap { body in
        let limit = body.isTable ? Limit.tableLines : Limit.functionLines
        guard body.length > limit else { return nil }
        return Finding(
            path: file.path, line: body.line, message: "\(body.length) lines, at most \(limit) fit a function")
    }
}

private func longLines(in file: SourceFile) -> [Finding] {
    file.lines.enumerated().filter { $0.element.count > Limit.lineCharacters }.map {
        Finding(path: file.path, line: $0.offset + 1, message: "longer than \(Limit.lineCharacters) characters")
    }
}

/// The middle value, the lower of two; 0 for nothing.
private func median(_ values: [Int]) -> Int {
    values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2]
}
