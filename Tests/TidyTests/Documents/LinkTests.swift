import Foundation
import Testing

@Suite struct LinkTests {
    @Test func linksInDocumentsLeadSomewhere() throws {
        let documents = try SourceTree.files { $0.hasSuffix(".md") }
        let findings = documents.flatMap { brokenLinks(in: $0, exists: SourceTree.exists) }
        expectNone(findings)
    }

    @Test func aLinkThatLeadsNowhereIsFound() {
        let text = """
            [a](b.md) [c](../README.md#part) ![d](missing.png "title")
            [e](https://example.com/x) [f](#here) [g](mailto:a@example.com)
            ```
            [not](a-link.md)
            ```
            [h](/rooted.md) `[code](span.md)`
            """
        let existing: Set = ["docs/b.md", "README.md"]
        let found = brokenLinks(in: SourceFile(path: "docs/x.md", text: text), exists: existing.contains)
        #expect(found.map(\.line) == [1, 6])
        #expect(found.first?.message.contains("docs/missing.png") == true)
    }
}

/// Relative links in a Markdown file whose target does not exist; anchors within a file are not looked at.
private func brokenLinks(in file: SourceFile, exists: (String) -> Bool) -> [Finding] {
    let folder = (file.path as NSString).deletingLastPathComponent
    var findings: [Finding] = []
    var isFenced = false
    for (offset, line) in file.lines.enumerated() {
        if line.drop(while: { $0 == " " }).hasPrefix("```") { isFenced.toggle() }
        guard !isFenced else { continue }
        let prose = line.replacing(/`[^`]*`/, with: "")
        for link in prose.matches(of: /\]\(<?([^)\s>]+)/).map(\.output.1) where !isElsewhere(link) {
            let target = String(link.prefix { $0 != "#" })
            let path = (("/" + folder as NSString).appendingPathComponent(target) as NSString).standardizingPath
            let relative = String(path.drop { $0 == "/" })
            if target.hasPrefix("/") || !exists(relative) {
                findings.append(Finding(path: file.path, line: offset + 1, message: "no file \(relative)"))
            }
        }
    }
    return findings
}

/// Another site, or another place in the same file.
private func isElsewhere(_ link: Substring) -> Bool {
    link.hasPrefix("#") || link.contains(/^[a-z]+:/)
}
