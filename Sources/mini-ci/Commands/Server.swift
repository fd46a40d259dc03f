import ArgumentParser
import MiniCI

struct Server: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server of a fleet, on a PostgreSQL database.",
        discussion: """
            Several servers may share one database, and any of them answers for all. Workers call them, so workers \
            need no open port. The schema must be there first: `mini-ci migrate`.

            SIGTERM or Ctrl-C lets requests that were begun end, for as long as --shutdown-limit says; a second one \
            ends it at once.

            EXAMPLES
              export MINI_CI_DATABASE_URL=postgres://mini_ci:…@db.example/mini_ci
              mini-ci migrate
              mini-ci server --host 0.0.0.0
            """)

    @OptionGroup var listen: ListenOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var repositories: RepositoryOptions
    @OptionGroup(title: "Limits and intervals") var control: ControlOptions
    @OptionGroup(title: "Limits and intervals") var polls: PollOptions
    @OptionGroup(title: "Limits and intervals") var shutdown: ShutdownOptions
    @OptionGroup var log: LogOptions

    func run() async throws {
        UnknownVariables.warn()
        database.warnOfVisiblePassword()
        let settings = try Settings.of(.server, listen, database, data, repositories, control, polls, shutdown, log)
        _ = try settings.requiredDatabaseURL()
        try await Shapes.server(settings, logger: ConsoleLog.start(level: settings.logLevel)) { info in
            Output.line("mini-ci server is ready at \(info.url)")
        }
    }
}
