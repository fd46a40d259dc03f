import APIClient
import APISchema
import ArgumentParser
import BuildDomain

struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cancel a build.",
        discussion: """
            A build that waits is canceled at once. One that runs gets SIGTERM, and SIGKILL ten seconds later; its \
            log is kept. A build that has ended stays as it is, and the exit status is 3.

            EXAMPLES
              mini-ci cancel 01993b5e-0a52-7c61-9a64-0d6f5b7d2c11
              mini-ci cancel 6f5b7d2c11
            """)

    @Argument(help: "The build's id, or how it begins or ends.")
    var build: String
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await connection.withClient { client in
            let id = try await BuildLookup.find(build, client)
            do { try await client.cancel(id) } catch let error as APIClientError where error.status == 409 {
                throw CommandFailure("build \(id) has ended already: \(try await client.build(id).status)")
            }
            let state = try await client.build(id)
            Output.note(
                state.status.isTerminal
                    ? "build \(id) is \(state.status)" : "build \(id) is being stopped; it keeps its log")
        }
    }
}
