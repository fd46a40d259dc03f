import ArgumentParser
import MiniCI

struct Worker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a worker of a fleet.",
        discussion: """
            It asks the server for jobs, runs up to its capacity of them at once, and goes on when the server was \
            away. Its own /healthz and /metrics are on --port.

            SIGTERM or Ctrl-C lets running jobs finish and takes no new ones; a second one cancels them, and \
            one after that ends it at once.

            EXAMPLES
              (umask 077; mini-ci token create --role worker --name builder-1 >token)
              mini-ci worker --server https://ci.example --token-file token
              mini-ci worker --label linux --label arch=arm64 --capacity 4
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var worker: WorkerOptions
    @OptionGroup var data: DataOptions
    @OptionGroup var repositories: RepositoryOptions
    @OptionGroup var listen: WorkerListenOptions
    @OptionGroup(title: "Limits and intervals") var work: WorkOptions
    @OptionGroup(title: "Limits and intervals") var polls: PollOptions
    @OptionGroup(title: "Limits and intervals") var shutdown: ShutdownOptions
    @OptionGroup var log: LogOptions

    func run() async throws {
        UnknownVariables.warn()
        client.warnOfVisibleToken()
        let settings = try Settings.of(.worker, client, worker, data, repositories, listen, work, polls, shutdown, log)
        guard try settings.findToken() != nil else {
            throw CommandFailure(
                "a worker needs a token; make one with `mini-ci token create --role worker --name NAME >FILE` and "
                    + "give it with --token-file FILE or MINI_CI_TOKEN_FILE", ending: .usage)
        }
        try await Shapes.worker(settings, logger: ConsoleLog.start(level: settings.logLevel)) { info in
            Output.line("mini-ci worker \(settings.workerName) is ready; its health is at \(info.url)/healthz")
        }
    }
}
