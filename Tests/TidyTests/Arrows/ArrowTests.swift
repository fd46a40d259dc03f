import Testing

@Suite struct ArrowTests {
    @Test func dependenciesPointInward() throws {
        let manifest = try Manifest(theManifest())
        let ours = Set(manifest.targets.map(\.name))
        var findings: [Finding] = []
        for file in try SourceTree.swiftFiles(under: "Sources") {
            guard let target = manifest.target(of: file.path) else { continue }
            guard let arrow = Arrow.all.first(where: { $0.target == target.name }) else {
                findings.append(Finding(path: file.path, line: 1, message: "\(target.name) has no row in Arrow.all"))
                continue
            }
            findings += forbiddenImports(in: file, by: arrow, ours: ours)
        }
        expectNone(findings)
    }

    @Test func everyRowNamesTargetsThatExist() throws {
        let ours = Set(try Manifest(theManifest()).targets.map(\.name))
        #expect(Arrow.all.filter { !ours.contains($0.target) }.map(\.target).isEmpty)
        #expect(Arrow.all.flatMap { $0.inside.subtracting(ours) }.isEmpty)
    }

    @Test func everySourceFileBelongsToATarget() throws {
        let manifest = try Manifest(theManifest())
        let orphans = try SourceTree.swiftFiles(under: "Sources").filter { manifest.target(of: $0.path) == nil }
        #expect(orphans.map(\.path).isEmpty, "no target of Package.swift compiles these files")
    }

    @Test func coreAsksNobodyForTimeOrChance() throws {
        let findings = try SourceTree.swiftFiles(under: "Sources/Core").flatMap(clocksAndDice)
        expectNone(findings)
    }

    @Test func aClockOrADieIsSeen() {
        let bad = "let a = Int.random(in: 1...6)\nlet b = ContinuousClock.now\nlet c = [1, 2].shuffled()"
        #expect(clocksAndDice(in: SourceFile(path: "a.swift", text: bad)).map(\.line) == [1, 2, 3])
        let good = "func random() -> UInt64\nIdentifier(at: now, random: entropy.random())"
        #expect(clocksAndDice(in: SourceFile(path: "a.swift", text: good)).isEmpty)
    }

    @Test func importsAreSeenInEveryForm() {
        let source = """
            // import Comment
            import A
            @testable import B
            public import struct C.D
            @preconcurrency import class E.F
            let text = "import G"
            let important = 1
            """
        #expect(imports(in: source).map(\.module) == ["A", "B", "C", "E"])
        #expect(imports(in: source).map(\.line) == [2, 3, 4, 5])
    }

    @Test func anOutwardImportIsRefused() {
        let arrow = Arrow(target: "Orchestration", inside: ["BuildDomain"], outside: .only(["Crypto"]))
        let text = "import BuildDomain\nimport Crypto\nimport Foundation\nimport SQLiteStore"
        let found = forbiddenImports(
            in: SourceFile(path: "a.swift", text: text), by: arrow, ours: ["BuildDomain", "SQLiteStore"])
        #expect(found.map(\.line) == [3, 4])
    }

    @Test func anAdapterMayImportTheWorldButNoOtherAdapter() {
        let arrow = Arrow(target: "SQLiteStore", inside: ["BuildDomain"], outside: .any)
        let ours: Set = ["BuildDomain", "SQLiteStore", "MemoryStore"]
        #expect(arrow.allows("GRDB", ours: ours))
        #expect(!arrow.allows("MemoryStore", ours: ours))
    }

    @Test func theManifestIsReadAsText() {
        let manifest = Manifest(
            """
            let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
            targets: [
                .target(name: "A", path: "Sources/A", swiftSettings: strict),
                .systemLibrary(
                    name: "C", path: "Sources/Stores/C", pkgConfig: "c"),
                .testTarget(name: "ATests", dependencies: ["A"]),
            ]
            """)
        #expect(manifest.targets == [.init(name: "A", path: "Sources/A"), .init(name: "C", path: "Sources/Stores/C")])
        #expect(manifest.target(of: "Sources/A/B/x.swift")?.name == "A")
        #expect(manifest.target(of: "Sources/AB/x.swift") == nil)
    }

    private func theManifest() throws -> String {
        try #require(SourceTree.files { $0 == "Package.swift" }.first).text
    }
}

/// Uses of the system's clocks and random numbers, which reach the core through ports only. A port may have a function
/// `random` as well; the system's belongs to a type, whose name starts with a capital.
private func clocksAndDice(in file: SourceFile) -> [Finding] {
    let types: Set = ["ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator"]
    let shuffles: Set = ["randomElement", "shuffled", "shuffle"]
    let words = Word.all(in: CodeMask.code(of: file.text))
    return words.indices.filter { index in
        let word = words[index]
        let isOfType = index > 0 && words[index - 1].text.first?.isUppercase == true && word.before == UInt8(ascii: ".")
        return types.contains(word.text) || shuffles.contains(word.text) || (word.text == "random" && isOfType)
    }
    .map {
        Finding(path: file.path, line: words[$0].line, message: "\(words[$0].text): take time and chance from a port")
    }
}
