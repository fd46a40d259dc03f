import ArgumentParser
import Foundation
import Testing

@testable import mini_ci

@Suite struct HelpTests {
    private static func all(under command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
        let configuration = command.configuration
        let children = configuration.subcommands + configuration.groupedSubcommands.flatMap(\.subcommands)
        return [command] + children.flatMap { all(under: $0) }
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        switch command.configuration.commandName {
        case "create", "list", "revoke": "token \(command.configuration.commandName ?? "")"
        case let name?: name
        case nil: "\(command)".lowercased()
        }
    }

    @Test func everyCommandHasHelpWithExamples() {
        let commands = Self.all(under: MiniCICommand.self)
        #expect(commands.count >= 20)
        for command in commands {
            let help = MiniCICommand.helpMessage(for: command, columns: 100)
            #expect(!command.configuration.abstract.isEmpty, "\(command)")
            #expect(help.contains("EXAMPLES\n"), "\(command)")
            #expect(help.contains("\(Self.name(of: command))"), "\(command)")
        }
    }

    /// A line that is wrapped cannot be pasted, and an indented one that is continued in the source has holes.
    @Test func examplesFitIntoATerminal() {
        for command in Self.all(under: MiniCICommand.self) {
            let lines = command.configuration.discussion.components(separatedBy: "\n")
            for line in lines where line.hasPrefix("  mini-ci") || line.hasPrefix("    ") || line.contains("$") {
                #expect(line.count < 78, "\(command): \(line)")
            }
            for line in lines where !line.hasPrefix("  ") || line.contains(". ") {
                #expect(!line.contains(/\S   +\S/), "\(command): \(line)")
            }
        }
    }

    @Test func everyOptionIsExplained() {
        for command in Self.all(under: MiniCICommand.self) {
            let lines = MiniCICommand.helpMessage(for: command, columns: 100).components(separatedBy: "\n")
            for (line, next) in zip(lines, lines.dropFirst()) where line.hasPrefix("  -") {
                // The explanation stands in its own column, behind a short flag or below a long one.
                let explanation = line.count > 26 && !line.dropFirst(24).hasPrefix("-") ? line.dropFirst(26) : ""
                let isExplained = explanation.contains(" ") || next.hasPrefix(String(repeating: " ", count: 26))
                #expect(isExplained, "\(command): \(line)")
            }
        }
    }

    @Test func theArgumentsOfTheDocumentsAreUnderstood() throws {
        let lines = [
            "up --host 127.0.0.1 --port 9000 --data /tmp/x --development --no-allow-local-repositories",
            "server --host 0.0.0.0 --port 8000 --database-url postgres://h/d",
            "worker --server https://ci.example --token-file token --label linux --host 0.0.0.0 --port 8001",
            "worker --server http://h --token mci_aaaaaaaaaaaa --label a --label b=c",
            "submit --repo . --ref main --command true --follow", "submit -c true -e A=1 -l x --timeout 30m -f --json",
            "builds --status failed --limit 5 --json", "logs -f abcd", "logs abcd --attempt 1 --step 2 --from-line 3",
            "show abcd --json", "cancel abcd", "workers", "migrate",
            "token create --role worker --name w --expires 30d",
            "verify --build abcd --json", "backup --force --data /tmp/x /tmp/x.db", "token list",
            "token revoke 01993b5e-0a52-7c61-9a64-0d6f5b7d2c11", "doctor --json", "version",
        ]
        for line in lines {
            _ = try MiniCICommand.parseAsRoot(line.split(separator: " ").map { String($0) })
        }
    }
}
