import APISchema
import BuildDomain
import Foundation
import TestSupport
import ScenarioSupport
import Testing

/// What a command finds, and what it leaves.
@Suite(.serialized, .timeLimit(.minutes(3))) struct EnvironmentTests {
    @Test func aCommandSeesWhatIsDocumentedAndNothingElse() async throws {
        try await Scene.play { scene in
            let up = try await scene.up(
                ["--name", "worker-of-scene"],
                environment: ["SECRET_KEY": "geheim", "MINI_CI_TOKEN": "mci_geheim", "SSH_AUTH_SOCK": "/geheim"])
            let repository = try await scene.repository()
            let ended = try await up.run(
                repository, "if read line; then echo INPUT=$line; fi; env", env: ["LEVEL": "full"])
            #expect(ended.build.status == .success)
            var seen: [String: String] = [:]
            for line in ended.output {
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                seen[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
            }
            let documented = try documentedVariables()
            #expect(documented.subtracting(seen.keys).isEmpty)
            let ofTheShell: Set = ["PWD", "OLDPWD", "SHLVL", "_"]
            #expect(Set(seen.keys).subtracting(documented).subtracting(ofTheShell) == ["LEVEL"])
            let attempt = try #require(ended.attempts.first)
            let expected = [
                "CI": "true", "MINI_CI_BUILD_ID": "\(ended.build.id)", "MINI_CI_ATTEMPT_ID": "\(attempt.id)",
                "MINI_CI_ATTEMPT": "1", "MINI_CI_REPO_URL": repository.path, "MINI_CI_REF": "main",
                "MINI_CI_COMMIT_SHA": repository.commit, "MINI_CI_WORKER_NAME": "worker-of-scene", "LEVEL": "full",
            ]
            for (name, value) in expected { #expect(seen[name] == value, "\(name)") }
            #expect(seen["MINI_CI_WORKSPACE"] == seen["PWD"])
            let everything = String(decoding: try await up.log(ended.build.id), as: UTF8.self)
            #expect(!everything.contains("geheim"))
            #expect(!everything.contains(up.token))
        }
    }

    /// The names in the first column of the table.
    private func documentedVariables() throws -> Set<String> {
        let text = try String(contentsOfFile: Product.root + "/docs/environment.md", encoding: .utf8)
        let cells = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { $0.split(separator: "|")[0] }
        let names = cells.flatMap { $0.matches(of: /`([A-Z_]+)`/).map { String($0.output.1) } }
        try #require(names.count > 10)
        return Set(names)
    }

    @Test func aCommandCannotReadWhatItsWorkerKnows() async throws {
        try await Scene.play { scene in
            let repository = try await scene.repository()
            let data = scene.path("data")
            var command = [try Product.miniCI(), "up", "--port", "0", "--data", data]
            if geteuid() == 0 {
                // Nothing is hidden from root.
                let nobody = "65534"
                let owned = try await scene.run("/bin/chown", ["-R", nobody, scene.folder])
                try #require(owned.status == 0, "\(owned.error)")
                command = ["/usr/bin/setpriv", "--reuid", nobody, "--regid", nobody, "--clear-groups"] + command
            }
            let program = try scene.start(command[0], Array(command.dropFirst()))
            let url = try await scene.readyURL(of: program)
            let token = try String(contentsOfFile: data + "/admin-token", encoding: .utf8)
            let up = try scene.server(program, url, token.trimmingCharacters(in: .whitespacesAndNewlines), data)
            // The command's parent is the supervisor, and that one's the worker.
            let ended = try await up.run(
                repository,
                """
                worker=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$PPID/status)
                for process in $$ $PPID $worker; do
                    if [ -n "$(cat /proc/$process/environ)" ]; then echo open; else echo hidden; fi
                done
                """)
            #expect(ended.build.status == .success)
            #expect(ended.output.filter { !$0.hasPrefix("cat: ") } == ["open", "hidden", "hidden"])
        }
    }

    @Test func nothingThatABuildStartedOrWroteOutlivesIt() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let mark = UUID().uuidString
            let command = """
                endless='while :; do sleep 1; done'
                setsid sh -c "$endless" >/dev/null 2>&1 &
                nohup sh -c "$endless" >/dev/null 2>&1 &
                (setsid sh -c "sh -c '$endless' & exit" >/dev/null 2>&1 &)
                sh -c "trap '' TERM HUP INT; $endless" &
                touch "$TMPDIR/left"; touch left
                echo "$MINI_CI_WORKSPACE"; echo "$TMPDIR"
                """
            let ended = try await up.run(try await scene.repository(), command, env: ["MARK": mark])
            #expect(ended.build.status == .success)
            #expect(try Processes.with(mark).isEmpty)
            #expect(ended.output.count == 2)
            try await eventually("the workspace and its neighbour are gone") {
                ended.output.allSatisfy { !FileManager.default.fileExists(atPath: $0) }
            }
        }
    }
}
