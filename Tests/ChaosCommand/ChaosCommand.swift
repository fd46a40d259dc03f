import ArgumentParser
import Chaos
import Foundation

/// `make chaos`.
@main struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mini-ci-chaos",
        abstract: "Run mini-ci while everything around it breaks, and check that it keeps its promises.",
        discussion: """
            Real processes of the mini-ci next to this program, a real PostgreSQL, real SQLite. Prints a table and exits
            with 0 only where no promise was broken.
            """)

    @Option(help: "How long it takes, about.") var seconds = 900
    @Option(help: "Decides which faults come when; a random one where it is not said.") var seed: UInt64?
    @Option(help: "Folder for the histories.") var histories = "/tmp/mini-ci-chaos"

    func run() async throws {
        let plan = ChaosPlan(
            seconds: seconds, seed: seed ?? .random(in: 0...999_999_999), histories: histories)
        let isGood = try await plan.play { FileHandle.standardOutput.write(Data(($0 + "\n").utf8)) }
        if !isGood { throw ExitCode.failure }
    }
}
