import ArgumentParser
import MiniCI

struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run everything on this machine: server, worker and database in one process.",
        discussion: """
            There is nothing to set up. On the first start it makes a database and an administrator's token in its \
            data folder; the command line on the same machine finds both by itself.

            SIGTERM or Ctrl-C lets running builds finish and takes no new ones; a second one cancels them, and \
            one after that ends it at once.

            EXAMPLES
              mini-ci up
              mini-ci up --port 9000 --data /srv/mini-ci --capacity 4
              MINI_CI_LOG_LEVEL=debug mini-ci up
            """)

    @OptionGroup var listen: ListenOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var repositories: RepositoryOptions
    @OptionGroup(title: "Worker") var worker: WorkerOptions
    @OptionGroup(title: "Limits and intervals") var control: ControlOptions
    @OptionGroup(title: "Limits and intervals") var polls: PollOptions
    @OptionGroup(title: "Limits and intervals") var work: WorkOptions
    @OptionGroup(title: "Limits and intervals") var shutdown: ShutdownOptions
    @OptionGroup var log: LogOptions

    func run() async throws {
        UnknownVariables.warn()
        let settings = try Settings.of(.up, listen, data, repositories, worker, control, polls, work, shutdown, log)
        try await Shapes.up(settings, logger: ConsoleLog.start(level: settings.logLevel)) { info in
            var lines = ["mini-ci is ready at \(info.url)"]
            if let folder = info.dataFolder { lines.append("  data   \(folder)") }
            if let file = info.adminTokenFile { lines.append("  token  \(file)") }
            lines.append("  try    mini-ci submit --repo . --command 'ls && echo hello' --follow")
            Output.line(lines.joined(separator: "\n"))
        }
    }
}
