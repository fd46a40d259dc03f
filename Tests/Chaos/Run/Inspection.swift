import APIClient
import APISchema
import BuildDomain
import Crypto
import Foundation
import GRDB
import Orchestration
import ScenarioSupport
import TestSupport

/// Looks at what a run left: over the API while it runs, in the database and on the disk when it has ended.
struct Inspection: Sendable {
    let house: House
    let recorder: Recorder
    let say: @Sendable (String) -> Void

    /// Reads every build and every log.
    func readBuilds() async throws {
        var builds: [BuildView] = []
        var cursor: String?
        repeat {
            let page = try await house.clients[0].builds(.init(limit: 100, cursor: cursor))
            builds += page.items
            cursor = page.nextCursor
        } while cursor != nil
        for build in builds {
            recorder.record(.stored(build: build))
            for attempt in build.allAttempts { try await readLog(of: build.id, attempt) }
        }
    }

    private func readLog(of build: BuildID, _ attempt: AttemptView) async throws {
        do {
            let client = house.clients[attempt.number % house.clients.count]
            let request = LogRequest(form: .lines, attempt: attempt.number)
            let lines = try await bytes(client, build, request).split(separator: UInt8(ascii: "\n")).map {
                try JSONDecoder().decode(LineView.self, from: Data($0))
            }
            let text = try await bytes(client, build, LogRequest(attempt: attempt.number))
            let digest = SHA256.hash(data: text).map { String(format: "%02x", $0) }.joined()
            let stored = lines.map {
                StoredLine(number: $0.number, text: $0.text, isOutput: $0.step == 2 && $0.stream != "system")
            }
            recorder.record(.log(attempt: attempt.id, lines: stored, sha256: digest))
        } catch let error as APIClientError {
            recorder.record(.refused(what: "the log of \(attempt.id)", why: "\(error)"))
        }
    }

    private func bytes(_ client: APIClient, _ build: BuildID, _ request: LogRequest) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in try await client.logs(of: build, request) { bytes += piece }
        return bytes
    }

    /// The history in the database, and what should not be there any more.
    func readWhatIsLeft(shape: ChaosSettings.Shape) async throws {
        for row in try await events(shape) { recorder.record(row) }
        try await verify(shape)
        for process in try Processes.with(house.mark) {
            recorder.record(.left(what: "process \(process): \(commandLine(of: process))"))
        }
        for folder in house.dataFolders {
            for attempts in [folder + "/attempts", folder + "/worker/attempts"] {
                for name in (try? FileManager.default.contentsOfDirectory(atPath: attempts)) ?? [] {
                    recorder.record(.left(what: "workspace \(attempts)/\(name)"))
                }
            }
        }
    }

    private static let query = "SELECT build_id, attempt_id, at, kind FROM job_events ORDER BY id"

    private func events(_ shape: ChaosSettings.Shape) async throws -> [Entry] {
        switch shape {
        case .fleet:
            let rows = try await house.database?.rows(Self.query, database: house.databaseName) ?? []
            return try rows.map { try entry($0[0], $0[1], $0[2].flatMap { Int64($0) }, $0[3]) }
        case .single:
            let database = try DatabaseQueue(path: house.dataFolders[0] + "/mini-ci.db")
            return try await database.read { connection in
                try Row.fetchAll(connection, sql: Self.query).map { try entry($0[0], $0[1], $0[2], $0[3]) }
            }
        }
    }

    private func entry(_ build: String?, _ attempt: String?, _ at: Int64?, _ kind: String?) throws -> Entry {
        guard let build = build.flatMap({ BuildID($0) }), let at, let kind else {
            throw ScenarioError("job_events has a row that cannot be read")
        }
        return .event(
            build: build, attempt: attempt.flatMap { AttemptID($0) }, at: Timestamp(milliseconds: at), kind: kind)
    }

    /// The product's own look at its store.
    private func verify(_ shape: ChaosSettings.Shape) async throws {
        // Asked for the help of a command that is not there, it gives its own.
        guard try await house.scene.miniCI(["verify", "--help"]).text.contains("USAGE: mini-ci verify") else {
            return say("this mini-ci has no command 'verify'; the store did not verify itself")
        }
        let environment =
            switch shape {
            case .fleet: ["MINI_CI_DATABASE_URL": house.database?.uri(database: house.databaseName) ?? ""]
            case .single: ["MINI_CI_DATA": house.dataFolders[0]]
            }
        let ended = try await house.scene.miniCI(["verify"], environment: environment)
        say("mini-ci verify: \(ended.text.suffix(500))\(ended.error.suffix(500))")
        if ended.status != 0 {
            recorder.record(.flawed(what: "mini-ci verify ended with \(ended.status): \(ended.text)\(ended.error)"))
        }
    }

    private func commandLine(of process: String) -> String {
        let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
        return String(decoding: bytes.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
    }
}
