import ArgumentParser
import Foundation
import MiniCI

/// The command `mini-ci` and everything under it.
@main
struct MiniCICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mini-ci",
        abstract: "A continuous integration system that you host yourself, in one binary.",
        discussion: """
            EXAMPLES
              Start everything on this machine, in one process, nothing to set up:
                mini-ci up

              Run a build of the repository in this folder and watch it:
                mini-ci submit --repo . --command 'make test' --follow

              See what ran, and read a log again:
                mini-ci builds
                mini-ci logs -f ID

              Complete commands and options with the Tab key (also: zsh, fish):
                folder=~/.local/share/bash-completion/completions; mkdir -p $folder
                mini-ci --generate-completion-script bash >$folder/mini-ci

            SETTINGS
              A setting comes from its flag, else from its environment variable MINI_CI_…, else it has a default. \
            `mini-ci doctor` prints each with where it came from.

            EXIT STATUS
              0  done; with --follow: the build succeeded
              1  the build failed, or was canceled by somebody else;
                 verify and simulate: something was found
              2  wrong usage
              3  the server could not be reached, or could not do what was asked
              130  interrupted, also where Ctrl-C canceled the build
            """,
        version: MiniCIVersion.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Building",
                subcommands: [Submit.self, Builds.self, Show.self, Logs.self, Cancel.self, Rerun.self]),
            CommandGroup(name: "Running", subcommands: [Up.self, Server.self, Worker.self, Workers.self]),
            CommandGroup(
                name: "Administering",
                subcommands: [Migrate.self, Token.self, Backup.self, Doctor.self, Version.self]),
            CommandGroup(name: "Proving", subcommands: [Verify.self, Simulate.self]),
        ])

    static func main() async {
        do {
            try refuseUnknownTopic(Array(CommandLine.arguments.dropFirst()))
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Foundation.exit(Report.end(with: error).rawValue)
        }
    }

    /// The argument parser would print the help of everything, and be content.
    private static func refuseUnknownTopic(_ arguments: [String]) throws {
        guard arguments.first == "help", let hint = Misspelling.hint(in: arguments) else { return }
        throw CommandFailure(hint, ending: .usage)
    }
}
