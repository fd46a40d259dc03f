import APIClient
import APISchema
import ArgumentParser
import BuildDomain
import Orchestration

struct Rerun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Execute jobs of a build once more.",
        discussion: """
            The jobs that did not succeed are executed again, with every job that needs one of them; --all takes \
            those that succeeded as well. Jobs that still run go on. Earlier attempts stay as they are, and their \
            logs can be read with `mini-ci logs --attempt`.

            EXAMPLES
              mini-ci rerun 01993b5e-0a52-7c61-9a64-0d6f5b7d2c11
              mini-ci rerun 6f5b7d2c11 --all --follow
            """)

    @Argument(help: "The build's id, or how it begins or ends.")
    var build: String
    @Flag(help: "Also the jobs that succeeded.")
    var all = false
    @Flag(name: [.long, .customShort("f")], help: "Print the log while it grows, and end with the build's result.")
    var follow = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var json: JSONOption

    func run() async throws {
        try await connection.withClient { client in
            let id = try await BuildLookup.find(build, client)
            let seen = try await client.build(id).jobs.first?.attempts.last
            try await client.rerun(id, all ? .all : .failed)
            guard follow else {
                return Output.note("build \(id) is executed again; follow it with: mini-ci logs -f \(id.short)")
            }
            let printer = LogPrinter(isJSON: json.isOn)
            let session = FollowSession(client: client, build: id, printer: printer, position: seen?.lastPosition)
            try await session.run()
        }
    }
}

extension AttemptView {
    /// Behind its last line, so that a follower begins with the next attempt.
    fileprivate var lastPosition: LogPosition { LogPosition(attempt: id, line: logLines ?? .max) }
}
