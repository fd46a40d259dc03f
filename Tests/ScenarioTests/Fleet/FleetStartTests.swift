import APIClient
import APISchema
import BuildDomain
import Foundation
import TestSupport
import ScenarioSupport
import Testing

/// How servers and workers of a fleet start, and what they tell of themselves.
@Suite(.serialized, .timeLimit(.minutes(3))) struct FleetStartTests {
    @Test func aServerWithoutASchemaSaysWhatToDo() async throws {
        try await Scene.play { scene in
            let database = try await PostgresServer.shared().makeDatabase()
            let environment = ["MINI_CI_DATABASE_URL": database]
            let refused = try await scene.miniCI(["server", "--port", "0"], environment: environment)
            #expect(refused.status == 3)
            #expect(refused.error.contains("mini-ci migrate"), "\(refused.error)")
            let migrated = try await scene.miniCI(["migrate"], environment: environment)
            #expect(migrated.status == 0)
            #expect(migrated.text.contains("applied 1"))
            let again = try await scene.miniCI(["migrate"], environment: environment)
            #expect(again.status == 0)
            #expect(again.text.contains("up to date"))
        }
    }

    @Test func aDatabaseThatIsAwayIsNamedWithoutItsPassword() async throws {
        try await Scene.play { scene in
            let url = "postgres://mini_ci:geheim@127.0.0.1:1/mini_ci"
            let refused = try await scene.miniCI(["server", "--port", "0"], environment: ["MINI_CI_DATABASE_URL": url])
            #expect(refused.status == 3)
            #expect(refused.error.contains("database"))
            #expect(!refused.error.contains("geheim"))
        }
    }

    @Test func aWorkerWithAReadersTokenIsRefused() async throws {
        try await Scene.play { scene in
            let fleet = try await Fleet.prepare(in: scene)
            let server = try await fleet.server()
            let made = try await scene.miniCI(
                ["token", "create", "--role", "reader", "--name", "r"],
                environment: ["MINI_CI_DATABASE_URL": fleet.database])
            let token = made.text.trimmingCharacters(in: .whitespacesAndNewlines)
            let refused = try await scene.miniCI(
                ["worker", "--server", server.url, "--port", "0", "--data", scene.path("worker")],
                environment: ["MINI_CI_TOKEN": token])
            #expect(refused.status == 3)
            #expect(refused.error.contains("worker"), "\(refused.error)")
            #expect(refused.error.contains("reader"), "\(refused.error)")
        }
    }

    @Test func aWorkerTellsOfItselfAndDrains() async throws {
        try await Scene.play { scene in
            let fleet = try await Fleet.prepare(in: scene)
            let server = try await fleet.server()
            let worker = try await fleet.worker("worker", of: server)
            let url = try await scene.readyURL(of: worker)
            let gate = scene.gate("gate")
            let build = try await server.submit(try await scene.repository(), gate.command)
            try await server.line("ready", of: build.id)
            let health = try await get("\(url)/healthz", in: scene)
            #expect(health == "ok\n")
            let metrics = try await get("\(url)/metrics", in: scene)
            #expect(metrics.contains("mini_ci_worker_attempts_running 1"))
            worker.send(SIGTERM)
            try await eventually("the worker is seen to drain") {
                try await server.client.workers().map(\.status) == ["draining"]
            }
            try gate.open()
            #expect(try await worker.end() == 0)
            #expect(try await server.client.build(build.id).status == .success)
            #expect(try await server.drain() == 0)
        }
    }

    @Test func aServerEndsAtOnceHoweverManyWaitForItsAnswers() async throws {
        try await Scene.play { scene in
            let fleet = try await Fleet.prepare(in: scene)
            let server = try await fleet.server()
            _ = try await fleet.worker("busy", of: server, capacity: 1)
            let gate = scene.gate("gate")
            let build = try await server.submit(try await scene.repository(), gate.command + "; echo finished")
            try await server.line("ready", of: build.id)
            _ = try await fleet.worker("idle", of: server)
            async let following = server.end(of: build.id)
            let start = ContinuousClock.now
            #expect(try await server.drain() == 0)
            // Questions for work are held open for half a minute.
            #expect(ContinuousClock.now - start < .seconds(10))
            try gate.open()
            let next = try await fleet.server(port: server.port)
            let followed = try await following
            #expect(followed.build.status == .success)
            #expect(followed.output == ["ready", "finished"])
            #expect(followed.attempts.count == 1)
            #expect(try await next.drain() == 0)
        }
    }

    private func get(_ url: String, in scene: Scene) async throws -> String {
        let answer = try await scene.run("/usr/bin/curl", ["-sf", "--noproxy", "*", url])
        #expect(answer.status == 0)
        return answer.text
    }
}
