import APIClient
import APISchema
import ArgumentParser
import BuildDomain

struct Builds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List builds, newest first.",
        discussion: """
            On a terminal ids are cut to their last twelve characters, which every command accepts; in a pipe they \
            are whole.

            EXAMPLES
              mini-ci builds
              mini-ci builds --status failed --ref main --limit 5
              mini-ci builds --json | jq -r '.[].id'
            """)

    @Option(help: "Only builds with this status: pending, running, success, failed or canceled.")
    var status: String?
    @Option(help: "Only builds of this repository: an address as it was submitted, or a folder.")
    var repo: String?
    @Option(help: "Only builds of this branch, tag or commit, as it was submitted.")
    var ref: String?
    @Option(name: [.long, .customShort("n")], help: "How many at most.")
    var limit = 20
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var json: JSONOption

    func validate() throws {
        if let status, BuildStatus(rawValue: status) == nil {
            let known = BuildStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--status: expected one of \(known), got '\(status)'")
        }
        guard (1...10_000).contains(limit) else {
            throw ValidationError("--limit: expected a number from 1 to 10000, got \(limit)")
        }
    }

    func run() async throws {
        let repository = try repo.map { try RepositoryArgument($0).address }
        let builds = try await connection.withClient { client in
            var builds: [BuildView] = []
            var filter = BuildFilter(
                status: status.flatMap { BuildStatus(rawValue: $0) }, repository: repository, ref: ref)
            repeat {
                filter.limit = min(100, limit - builds.count)
                let page = try await client.builds(filter)
                builds += page.items
                filter.cursor = page.nextCursor
            } while filter.cursor != nil && builds.count < limit
            return builds
        }
        if json.isOn { return try JSONOutput.show(builds) }
        guard !builds.isEmpty else { return Output.note("no builds") }
        table(of: builds, on: .current).show()
    }

    private func table(of builds: [BuildView], on terminal: Terminal) -> Table {
        var table = Table(header: ["ID", "STATUS", "SUBMITTED", "TOOK", "REF", "REPOSITORY", "COMMAND"])
        table.rows = builds.map { build in
            [
                terminal.showsOutput ? build.id.short : build.id.description, build.status.rawValue,
                build.createdAt.age(),
                took(from: build.startedAt, to: build.finishedAt), build.ref, build.repoURL, build.command ?? "-",
            ]
        }
        return table
    }
}
