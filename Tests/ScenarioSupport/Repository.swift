import Foundation

/// A real git repository with one commit on `main`.
package struct Repository: Sendable {
    package let path: String
    package let commit: String
}

extension Scene {
    /// Makes a repository.
    /// - Parameter files: names in its top folder, and their bytes.
    package func repository(_ files: [String: [UInt8]] = ["greeting": Array("hello\n".utf8)]) async throws -> Repository
    {
        let name = "repository-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        for (file, bytes) in files { try write(bytes, to: "\(name)/\(file)") }
        let script = """
            git init --quiet --initial-branch=main
            git add --all
            git -c user.name=scenario -c user.email=scenario@example.com commit --quiet --message first
            git rev-parse HEAD
            """
        let ending = try await run("/bin/sh", ["-e", "-c", "cd \(path(name))\n" + script])
        guard ending.status == 0 else { throw ScenarioError("git made no repository: \(ending.error)") }
        return Repository(path: path(name), commit: ending.text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// A file that does not exist yet, for which a build waits, and the command that does.
    package func gate(_ name: String) -> Gate { Gate(path: path(name)) }
}

/// Holds a build until it is opened.
package struct Gate: Sendable {
    package let path: String

    /// Shell text that says `ready` and waits.
    package var command: String { "echo ready; while [ ! -e '\(path)' ]; do sleep 0.02; done" }

    package func open() throws {
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw ScenarioError("\(path) cannot be made")
        }
    }
}
