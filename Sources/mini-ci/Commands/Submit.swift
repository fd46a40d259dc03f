import APIClient
import APISchema
import ArgumentParser
import BuildDomain
import Foundation
import MiniCI

struct Submit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Submit a build.",
        discussion: """
            What is built is a commit, so changes that are not committed are not in it. The command is run by \
            /bin/sh -e in a fresh checkout.

            Without --follow the build's id is printed on standard output and nothing else. With --follow its log \
            is, while it grows and over restarts of the server, and the exit status is the build's result. With \
            --follow --json each line of the log is a JSON object, and the last object is the build.

            Ctrl-C while following asks first: a second one cancels the build and goes on following to its end, a \
            third one leaves at once. When nobody can be asked, because standard input or error is no terminal, the \
            first one cancels. Ctrl-\\, or closing the terminal, leaves the build running.

            EXAMPLES
              mini-ci submit --repo . --command 'make test' --follow
              mini-ci submit --repo https://example.com/project.git --ref v1.2 \\
                --command ./ci.sh --env LEVEL=full
              id=$(mini-ci submit --repo . --command 'make test')
            """)

    @Option(help: "The repository: an address, or a folder in it where the server allows folders.")
    var repo = "."
    @Option(help: "Branch, tag, full commit id or refs/…; of a folder, the branch it is on.")
    var ref: String?
    @Option(name: [.long, .customShort("c")], help: "The shell command to run.")
    var command: String
    @Option(
        name: [.long, .customShort("e")], help: "A variable for the command, as NAME=VALUE; NAME alone takes yours.")
    var env: [String] = []
    @Option(name: [.long, .customShort("l")], help: "A label that the worker must have; repeat it for more.")
    var label: [String] = []
    @Option(help: "From -1000 to 1000; higher ones go first.")
    var priority: Int?
    @Option(help: "How long it may run, in seconds or as in 90s, 30m, 2h.")
    var timeout: String?
    @Option(help: "How often it is tried when it fails, the first time included.")
    var maxAttempts: Int?
    @Option(help: "How long it may wait for a worker, in seconds or as in 90s, 30m, 2h.")
    var queueTimeout: String?
    @Option(help: "How long a single step may run.")
    var stepTimeout: String?
    @Option(help: "How long it may run without printing anything.")
    var noOutputTimeout: String?
    @Option(
        help: ArgumentHelp(
            "Try again only after these: exit codes, or reasons such as timeout; repeat it or separate by comma.",
            valueName: "code or reason"))
    var retryOn: [String] = []
    @Option(help: "Makes a repeated submit with the same key return the first build.")
    var idempotencyKey: String?
    @Flag(name: [.long, .customShort("f")], help: "Print the log while it grows, and end with the build's result.")
    var follow = false
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var json: JSONOption

    func validate() throws {
        for (flag, text) in [
            ("timeout", timeout), ("queue-timeout", queueTimeout), ("step-timeout", stepTimeout),
            ("no-output-timeout", noOutputTimeout),
        ] {
            guard let text, Quantity.seconds.parse(text) == nil else { continue }
            throw ValidationError("--\(flag): expected seconds, or as in 90s, 30m or 2h, got '\(text)'")
        }
        _ = try retryRule()
        _ = try Variables.parse(env, inherited: ProcessInfo.processInfo.environment)
    }

    func run() async throws {
        let request = try makeRequest()
        // Without a key of the user's one for this call, so that it can be repeated when its answer gets lost.
        let key = idempotencyKey ?? UUID().uuidString
        let isBehind = lacksChanges(request)
        try await connection.withClient { client in
            let build = try await client.submit(request, key: key)
            if isBehind { Output.note("note: uncommitted changes are not in it") }
            guard follow else { return try show(build) }
            if !json.isOn { Output.note("submitted build \(build.id), ref \(build.ref.onOneLine)") }
            try await FollowSession(client: client, build: build.id, printer: LogPrinter(isJSON: json.isOn)).run()
        }
    }

    /// Whether it is a folder's own branch that is built, and there is more in the folder.
    private func lacksChanges(_ request: BuildRequest) -> Bool {
        guard !RepositoryArgument.isRemote(repo), request.ref == GitHead.ref(of: request.repoURL) else { return false }
        return WorkingTree.hasChanges(in: request.repoURL)
    }

    private func makeRequest() throws -> BuildRequest {
        let repository = try RepositoryArgument(repo)
        guard let ref = ref ?? repository.folder.flatMap(GitHead.ref) else {
            throw CommandFailure(
                "--ref is missing: the branch, tag or commit of \(repository.address) to build", ending: .usage)
        }
        let variables = try Variables.parse(env, inherited: ProcessInfo.processInfo.environment)
        return BuildRequest(
            repoURL: repository.address, ref: ref, command: command, env: variables.isEmpty ? nil : variables,
            labels: label.isEmpty ? nil : label.flatMap { $0.split(separator: ",").map { String($0) } },
            priority: priority,
            timeoutSeconds: timeout.flatMap { Quantity.seconds.parse($0) }, maxAttempts: maxAttempts,
            queueTimeoutSeconds: queueTimeout.flatMap { Quantity.seconds.parse($0) },
            stepTimeoutSeconds: stepTimeout.flatMap { Quantity.seconds.parse($0) },
            noOutputTimeoutSeconds: noOutputTimeout.flatMap { Quantity.seconds.parse($0) }, retryOn: try retryRule())
    }

    private func retryRule() throws -> RetryRule? {
        guard !retryOn.isEmpty else { return nil }
        var rule = RetryRule()
        for word in retryOn.flatMap({ $0.split(separator: ",") }) {
            if let code = Int(word) {
                rule.exitCodes.append(code)
            } else if let reason = Reason(rawValue: String(word)) {
                rule.reasons.append(reason)
            } else {
                let all = Reason.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--retry-on: expected an exit code or one of \(all), got '\(word)'")
            }
        }
        return rule
    }

    private func show(_ build: BuildView) throws {
        if json.isOn { return try JSONOutput.show(build) }
        Output.line(build.id.description)
        if Terminal.current.showsErrors { Output.note("submitted; follow it with: mini-ci logs -f \(build.id.short)") }
    }
}
