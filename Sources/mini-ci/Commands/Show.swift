import APIClient
import ArgumentParser

struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a build with its jobs, attempts and steps.",
        discussion: """
            EXAMPLES
              mini-ci show 01993b5e-0a52-7c61-9a64-0d6f5b7d2c11
              mini-ci show 6f5b7d2c11
              mini-ci show --json 6f5b7d2c11 | jq .status
            """)

    @Argument(help: "The build's id, or how it begins or ends.")
    var build: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await connection.withClient { client in
            let view = try await client.build(try await BuildLookup.find(build, client))
            if json.isOn { return try JSONOutput.show(view) }
            let terminal = Terminal.current
            for line in BuildSheet.lines(of: view, colored: terminal.showsOutput && terminal.usesColor) {
                Output.line(line)
            }
        }
    }
}
