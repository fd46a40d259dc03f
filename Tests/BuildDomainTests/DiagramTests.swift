import BuildDomain
import Foundation
import Testing

/// The diagrams in the documents say what the tables say, no more and no less.
@Suite struct DiagramTests {
    @Test func theDiagramOfABuildIsItsTable() throws {
        try compare(BuildStatus.self, with: "build.md", starts: [.pending])
    }

    @Test func theDiagramOfAJobIsItsTable() throws {
        try compare(JobStatus.self, with: "job.md", starts: [.waiting, .pending])
    }

    @Test func theDiagramOfAnAttemptIsItsTable() throws {
        try compare(AttemptStatus.self, with: "attempt.md", starts: [.running])
    }

    @Test func aNewBuildIsWhereTheDiagramsStart() {
        let fresh = build(of: [job("a"), job("b", needs: ["a"])])
        #expect(fresh.status == .pending)
        #expect(fresh.jobs.map(\.status) == [.pending, .waiting])
    }

    private func compare<Machine: StateMachine>(
        _: Machine.Type, with document: String, starts: Set<Machine>
    ) throws {
        let edges = try Edge.all(in: document)
        let drawn = Set(edges)
        #expect(drawn.count == edges.count, "an edge is drawn twice")
        let table = Machine.transitions.map { Edge($0.from.rawValue, $0.to.rawValue, $0.event.rawValue) }
        let begins = starts.map { Edge("[*]", $0.rawValue, nil) }
        let ends = Machine.allCases.filter(\.isTerminal).map { Edge($0.rawValue, "[*]", nil) }
        let expected = Set(table + begins + ends)
        #expect(expected.subtracting(drawn).isEmpty, "missing in the diagram")
        #expect(drawn.subtracting(expected).isEmpty, "not in the table")
        let text = try Edge.text(of: document)
        for event in Machine.Event.allCases {
            #expect(text.contains("`\(event.rawValue)`"), "the text does not say what \(event) means")
        }
    }
}

private struct Edge: Hashable, CustomStringConvertible {
    var from: String
    var to: String
    var event: String?

    init(_ from: String, _ to: String, _ event: String?) {
        self.from = from
        self.to = to
        self.event = event
    }

    var description: String { "\(from) --> \(to)" + (event.map { ": \($0)" } ?? "") }

    static func text(of document: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/state-machines/\(document)"), encoding: .utf8)
    }

    /// The edges of the document's one diagram; every line of it must be one.
    static func all(in document: String) throws -> [Edge] {
        let fenced = try text(of: document).split(separator: "```mermaid\n").dropFirst()
        let diagram = try #require(fenced.count == 1 ? fenced.first : nil).split(separator: "```")[0]
        let lines = diagram.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(lines.first == "stateDiagram-v2")
        return try lines.dropFirst().filter { !$0.isEmpty }.map { line in
            let match = try #require(line.wholeMatch(of: /(\S+) --> (\S+?)(?:: (\w+))?/), "\(line)")
            return Edge(String(match.1), String(match.2), match.3.map { String($0) })
        }
    }
}
