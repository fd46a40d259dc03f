import APIClient
import APISchema
import ArgumentParser

struct Workers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the workers of a server.",
        discussion: """
            EXAMPLES
              mini-ci workers
              mini-ci workers --json
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        let workers = try await connection.withClient { try await $0.workers() }
        if json.isOn { return try JSONOutput.show(workers) }
        guard !workers.isEmpty else { return Output.note("no worker has registered yet") }
        var table = Table(header: ["NAME", "STATUS", "RUNNING", "LAST SEEN", "VERSION", "LABELS"])
        table.rows = workers.map {
            [
                $0.name, $0.status, "\($0.running)/\($0.capacity)", $0.lastSeenAt.age(), $0.version,
                $0.labels.joined(separator: ","),
            ]
        }
        table.show()
    }
}
