import APIClient
import APISchema
import BuildDomain
import Foundation
import TestSupport

/// A running `mini-ci up` or `mini-ci server`.
package struct Server: Sendable {
    package let program: Program
    package let url: String
    package let token: String
    package let client: APIClient
    /// The data folder of `up`, an empty one of `server`.
    package let data: String

    package var port: String { String(url.split(separator: ":").last ?? "") }

    package func submit(
        _ repository: Repository, _ command: String, ref: String = "main", env: [String: String]? = nil,
        labels: [String]? = nil, timeout: Int? = nil, attempts: Int? = nil, key: String? = nil
    ) async throws -> BuildView {
        let request = BuildRequest(
            repoURL: repository.path, ref: ref, command: command, env: env, labels: labels, timeoutSeconds: timeout,
            maxAttempts: attempts)
        return try await client.submit(request, key: key)
    }

    /// Follows a build to its end.
    package func end(of id: BuildID) async throws -> Followed {
        var lines: [LineView] = []
        for try await news in client.follow(id) {
            switch news {
            case .line(let line): lines.append(line)
            case .end(let build): return Followed(build: build, lines: lines)
            case .state, .reconnecting: continue
            }
        }
        throw ScenarioError("following \(id) stopped before its end")
    }

    /// The build once it has ended, for those whose log is too long to follow.
    package func result(of id: BuildID) async throws -> BuildView {
        var build = try await client.build(id)
        try await eventually("build \(id) ends") {
            build = try await client.build(id)
            return build.status.isTerminal
        }
        return build
    }

    /// Submits and follows to the end.
    package func run(
        _ repository: Repository, _ command: String, ref: String = "main", env: [String: String]? = nil,
        timeout: Int? = nil, attempts: Int? = nil
    ) async throws -> Followed {
        let build = try await submit(
            repository, command, ref: ref, env: env, timeout: timeout, attempts: attempts)
        return try await end(of: build.id)
    }

    /// Returns when the build has printed `text` as a line.
    package func line(_ text: String, of id: BuildID) async throws {
        for try await news in client.follow(id) {
            switch news {
            case .line(let line) where line.text == text: return
            case .end(let build):
                throw ScenarioError("build \(id) ended (\(build.status)) without '\(text)': \(build.error ?? "-")")
            case .line, .state, .reconnecting: continue
            }
        }
    }

    /// The bytes of a log as text/plain.
    package func log(_ id: BuildID, attempt: Int? = nil, step: Int? = nil) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in try await client.logs(of: id, LogRequest(attempt: attempt, step: step)) {
            bytes += piece
        }
        return bytes
    }

    /// The lines of a log.
    package func lines(_ id: BuildID, attempt: Int? = nil, step: Int? = nil) async throws -> [LineView] {
        var bytes: [UInt8] = []
        let request = LogRequest(form: .lines, attempt: attempt, step: step)
        for try await piece in try await client.logs(of: id, request) { bytes += piece }
        return try bytes.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(LineView.self, from: Data($0))
        }
    }

    /// Lets it drain: returns when it has ended by itself.
    package func drain() async throws -> Int32 {
        program.send(SIGTERM)
        return try await program.end()
    }
}

/// A build that has ended, with the lines that came on the way.
package struct Followed: Sendable {
    package var build: BuildView
    package var lines: [LineView]

    /// What the command printed.
    package var output: [String] { lines.filter { $0.step == 2 && $0.stream != "system" }.map(\.text) }
    package var attempts: [AttemptView] { build.jobs.flatMap(\.attempts) }
}

extension Scene {
    /// Starts `mini-ci up` and returns when it is ready.
    /// - Parameters:
    ///   - data: the data folder; an own one for each server where it is not said.
    ///   - port: 0 takes a free one.
    package func up(
        data: String? = nil, port: String = "0", _ arguments: [String] = [], environment: [String: String] = [:]
    ) async throws -> Server {
        let data = data ?? path("data-\(UUID().uuidString)")
        let program = try start(
            try Product.miniCI(), ["up", "--port", port, "--data", data, "--capacity", "4"] + arguments,
            environment: environment)
        let url = try await readyURL(of: program)
        let token = try String(contentsOfFile: data + "/admin-token", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        return try server(program, url, token, data)
    }

    /// Starts what a server that was stopped or killed was, in the same place.
    package func restart(_ server: Server, _ arguments: [String] = []) async throws -> Server {
        try await up(data: server.data, port: server.port, arguments)
    }

    package func server(_ program: Program, _ url: String, _ token: String, _ data: String) throws -> Server {
        let client = keep(APIClient(server: try ServerAddress(url), token: token))
        return Server(program: program, url: url, token: token, client: client, data: data)
    }

    /// Where a program that has been started says that it answers.
    package func readyURL(of program: Program) async throws -> String {
        var url: String?
        try await eventually("'\(program.name)' is ready") {
            url = program.outputText.firstMatch(of: /http:\/\/[0-9.:]+/).map { String($0.output) }
            if url == nil, !program.isRunning {
                throw ScenarioError("'\(program.name)' ended: \(program.errorText)")
            }
            return url != nil
        }
        return url ?? ""
    }

    /// Runs `mini-ci` as the people of that server's machine do: it finds address and token by itself.
    package func miniCI(_ server: Server, _ arguments: String..., environment: [String: String] = [:]) async throws
        -> Ending
    {
        try await miniCI(arguments, environment: ["MINI_CI_DATA": server.data].merging(environment) { $1 })
    }

    package func miniCI(_ arguments: [String], environment: [String: String] = [:]) async throws -> Ending {
        try await run(try Product.miniCI(), arguments, environment: environment)
    }
}
