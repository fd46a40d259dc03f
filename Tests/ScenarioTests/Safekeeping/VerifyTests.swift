import APIClient
import APISchema
import BuildDomain
import Foundation
import GRDB
import ScenarioSupport
import TestSupport
import Testing

/// `mini-ci verify` as operators use it.
@Suite(.serialized, .timeLimit(.minutes(3))) struct VerifyTests {
    @Test func aServerThatRunsIsClean() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            _ = try await up.run(repository, "seq 1 1000")
            _ = try await up.run(repository, "false", attempts: 2)
            let gate = scene.gate("gate")
            let running = try await up.submit(repository, gate.command)
            try await up.line("ready", of: running.id)
            let canceled = try await up.submit(repository, "sleep 60")
            _ = try await up.client.cancel(canceled.id)
            _ = try await up.end(of: canceled.id)
            let ending = try await scene.verify(up)
            #expect(ending.status == 0)
            #expect(ending.text.hasPrefix("checked 4 builds, "))
            #expect(ending.text.hasSuffix(": nothing is wrong\n"))
            #expect(ending.error.isEmpty)
            try gate.open()
            _ = try await up.end(of: running.id)
            #expect(try await up.drain() == 0)
            #expect(try await scene.verify(up).status == 0)
        }
    }

    @Test func damageIsNamedAndTheExitStatusIs1() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let whole = try await up.run(repository, "echo hello")
            let damaged = try await up.run(repository, "echo hello")
            try await up.damage(
                "UPDATE build_logs SET text = CAST(replace(text, 'hello', 'hullo') AS BLOB) "
                    + "WHERE attempt_id = '\(damaged.attempts[0].id)'")
            let ending = try await scene.verify(up)
            #expect(ending.status == 1)
            let lines = ending.text.split(separator: "\n")
            let place = "build \(damaged.build.id) attempt \(damaged.attempts[0].id): log: expected "
            #expect(lines.first?.hasPrefix(place) == true)
            #expect(lines.last?.hasSuffix(": 1 findings") == true)
            #expect(lines.count == 2)
            #expect(try await scene.verify(up, "--build", whole.build.id.description).status == 0)
            let part = String(damaged.build.id.description.suffix(12))
            let json = try await scene.verify(up, "--build", part, "--json")
            #expect(json.status == 1)
            let objects = try json.text.split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: [String: Any]])
            }
            #expect(objects.count == 2)
            #expect(objects[0]["finding"]?["build"] as? String == damaged.build.id.description)
            #expect(objects[0]["finding"]?["attempt"] as? String == damaged.attempts[0].id.description)
            #expect(objects[0]["finding"]?["kind"] as? String == "log")
            #expect(objects[1]["summary"]?["findings"] as? Int == 1)
            #expect(objects[1]["summary"]?["builds"] as? Int == 1)
        }
    }

    @Test func whatCannotBeLookedAtIs3() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let unknown = try await scene.verify(up, "--build", "01993b5e-0a52-7c61-9a64-0d6f5b7d2c11")
            #expect(unknown.status == 3)
            #expect(unknown.error.contains("there is nothing of a build 01993b5e"))
            let nowhere = scene.path("nowhere")
            let missing = try await scene.miniCI("verify", "--data", nowhere)
            #expect(missing.status == 3)
            #expect(missing.error.contains("there is no database at \(nowhere)/mini-ci.db"))
            #expect(!FileManager.default.fileExists(atPath: nowhere))
            let away = try await scene.miniCI("verify", "--database-url", "postgres://user@127.0.0.1:1/none")
            #expect(away.status == 3)
        }
    }

    @Test func aDatabaseOfAFleetIsLookedThroughToo() async throws {
        try await Scene.play { scene in
            let url = try await PostgresServer.shared().makeDatabase()
            let environment = ["MINI_CI_DATABASE_URL": url]
            #expect(try await scene.run(try Product.miniCI(), ["verify"], environment: environment).status == 3)
            #expect(try await scene.run(try Product.miniCI(), ["migrate"], environment: environment).status == 0)
            let ending = try await scene.run(try Product.miniCI(), ["verify"], environment: environment)
            #expect(ending.status == 0)
            #expect(ending.text.hasPrefix("checked 0 builds, "))
        }
    }
}

extension Scene {
    func miniCI(_ arguments: String...) async throws -> Ending { try await miniCI(arguments) }

    fileprivate func verify(_ server: Server, _ arguments: String...) async throws -> Ending {
        try await run(try Product.miniCI(), ["verify", "--data", server.data] + arguments)
    }
}

extension Server {
    /// Changes the database behind the server's back.
    fileprivate func damage(_ sql: String) async throws {
        // The server writes, too.
        var waiting = Configuration()
        waiting.busyMode = .timeout(30)
        let queue = try DatabaseQueue(path: data + "/mini-ci.db", configuration: waiting)
        try await queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }
}
