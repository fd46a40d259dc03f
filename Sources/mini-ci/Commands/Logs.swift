import APIClient
import APISchema
import ArgumentParser
import BuildDomain
import Orchestration

struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a build's log.",
        discussion: """
            Without --attempt it is the log of the newest attempt. With -f it is printed while it grows, over all \
            further attempts, until the build has ended; when the connection is lost it is made again and goes on \
            after the last line, for up to ten minutes. The exit status is 0 whatever the build's result.

            On a terminal colours are shown, and other control characters are made harmless; in a pipe the log comes \
            as it was printed.

            EXAMPLES
              mini-ci logs 6f5b7d2c11
              mini-ci logs -f 6f5b7d2c11
              mini-ci logs --attempt 1 --step 2 6f5b7d2c11 >test.log
              mini-ci logs --json 6f5b7d2c11 | jq -r 'select(.stream == "stderr").text'
            """)

    @Argument(help: "The build's id, or how it begins or ends.")
    var build: String
    @Flag(name: [.long, .customShort("f")], help: "Go on while the log grows.")
    var follow = false
    @Option(help: "The attempt, from 1; with -f the first one to show.")
    var attempt: Int?
    @Option(help: "Only lines of this step, from 1.")
    var step: Int?
    @Option(name: [.long, .customShort("n")], help: "Begin with this line, from 1.")
    var fromLine: Int64?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var json: JSONOption

    func validate() throws {
        let isPositive = [attempt, step].allSatisfy { $0 ?? 1 > 0 } && fromLine ?? 1 > 0
        guard isPositive else { throw ValidationError("attempts, steps and lines are counted from 1") }
    }

    func run() async throws {
        try await connection.withClient { client in
            let id = try await BuildLookup.find(build, client)
            if follow { try await followLog(of: id, client) } else { try await printLog(of: id, client) }
        }
    }

    private func printLog(of id: BuildID, _ client: APIClient) async throws {
        if let step { try check(step, in: try await client.build(id)) }
        let request = LogRequest(form: json.isOn ? .lines : .text, attempt: attempt, step: step, fromLine: fromLine)
        let isFiltered = Terminal.current.showsOutput && !json.isOn
        var filter = TerminalFilter()
        for try await bytes in try await client.logs(of: id, request) {
            Output.write(isFiltered ? filter(bytes) : bytes)
        }
        if isFiltered, Terminal.current.usesColor { Output.write(Array(Style.reset.utf8)) }
    }

    private func followLog(of id: BuildID, _ client: APIClient) async throws {
        // Asked first, so that a wrong address or token is an error at once and not a reason to try again.
        let view = try await client.build(id)
        let position = try start(in: view)
        if let step, view.status.isTerminal { try check(step, in: view) }
        var printer = LogPrinter(isJSON: json.isOn, step: step)
        for try await news in client.follow(id, after: position, from: .first, patience: FollowSession.patience) {
            switch news {
            case .line(let line): try printer.show(line)
            case .reconnecting(let cause, _): printer.showLoss(cause)
            case .state, .end: break
            }
        }
    }

    /// An attempt that goes on may come to that step yet.
    private func check(_ step: Int, in build: BuildView) throws {
        let attempts = build.jobs.first?.attempts ?? []
        let chosen = attempt.map { number in attempts.first { $0.number == number } } ?? attempts.last
        guard let chosen, chosen.finishedAt != nil, step > chosen.steps.count else { return }
        throw CommandFailure(
            "attempt \(chosen.number) of build \(build.id) has no step \(step); it has \(chosen.steps.count)")
    }

    /// A place in the attempt that was asked for, else in the newest one at this moment: the one after it may begin
    /// before the connection is there. `nil` where there is none yet, so that the first one to come is the first one
    /// to show.
    private func start(in build: BuildView) throws -> LogPosition? {
        let attempts = build.jobs.first?.attempts ?? []
        let chosen = attempt.map { number in attempts.first { $0.number == number } } ?? attempts.last
        if let attempt, chosen == nil {
            throw CommandFailure("build \(build.id) has no attempt \(attempt); it has \(attempts.count) so far")
        }
        return chosen.map { LogPosition(attempt: $0.id, line: (fromLine ?? 1) - 1) }
    }
}
