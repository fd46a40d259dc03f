/// What a target may import. Dependencies point inward: domain ← use cases ← adapters and worker ← composition.
struct Arrow {
    enum Outside: Equatable {
        /// Only these modules from outside the repository.
        case only(Set<String>)
        /// An adapter's business: whatever talks to its outside system.
        case any
    }

    var target: String
    /// Targets of this repository.
    var inside: Set<String>
    var outside: Outside

    func allows(_ module: String, ours: Set<String>) -> Bool {
        if ours.contains(module) { return inside.contains(module) }
        switch outside {
        case .any: return true
        case .only(let modules): return modules.contains(module)
        }
    }

    private static let core: Set<String> = ["BuildDomain", "Orchestration"]

    private static func adapter(_ target: String, and own: String...) -> Arrow {
        Arrow(target: target, inside: core.union(own), outside: .any)
    }

    static let all: [Arrow] = [
        Arrow(target: "BuildDomain", inside: [], outside: .only([])),
        Arrow(
            target: "Orchestration", inside: ["BuildDomain"],
            outside: .only(["Crypto", "Collections", "DequeModule", "Synchronization"])),

        adapter("MemoryStore"),
        adapter("SQLiteStore"),
        adapter("PostgresStore", and: "CLibPQ"),
        adapter("HostRunner", and: "CSupervisor"),
        adapter("GitSource"),
        adapter("LocalMachine", and: "CProcess"),
        // The one named exception: both ends of the wire share the words that go over it.
        adapter("APISchema"),
        adapter("APIServer", and: "APISchema", "CAPIDescription"),
        adapter("APIClient", and: "APISchema"),

        Arrow(target: "Worker", inside: core, outside: .only(["Crypto", "DequeModule", "Logging", "Synchronization"])),

        // Puts the core and the worker's loop into a world of its own.
        Arrow(
            target: "Simulation", inside: core.union(["MemoryStore", "Worker", "CTaskQueue"]),
            outside: .only(["Crypto", "Logging", "Synchronization"])),

        Arrow(
            target: "MiniCI",
            inside: core.union([
                "MemoryStore", "SQLiteStore", "PostgresStore", "HostRunner", "GitSource", "LocalMachine", "APISchema",
                "APIServer", "APIClient", "Worker",
            ]), outside: .any),
        Arrow(
            target: "mini-ci", inside: core.union(["MiniCI", "APISchema", "APIClient", "Simulation"]), outside: .any),
    ]
}

/// The modules that a file imports, with the line of each.
func imports(in text: String) -> [(module: String, line: Int)] {
    let kinds: Set<String> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    let words = Word.all(in: CodeMask.code(of: text))
    return words.indices.compactMap { index in
        guard words[index].text == "import", words[index].after == space else { return nil }
        let next = words[(index + 1)...].first { !kinds.contains($0.text) }
        return next.map { ($0.text, $0.line) }
    }
}

/// The imports of `file` that `arrow` forbids.
func forbiddenImports(in file: SourceFile, by arrow: Arrow, ours: Set<String>) -> [Finding] {
    imports(in: file.text).filter { !arrow.allows($0.module, ours: ours) }.map {
        Finding(
            path: file.path, line: $0.line,
            message: "\(arrow.target) must not import \($0.module); put a protocol in Orchestration/Ports instead")
    }
}
