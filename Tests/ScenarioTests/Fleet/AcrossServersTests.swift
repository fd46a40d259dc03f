import APIClient
import APISchema
import BuildDomain
import Foundation
import TestSupport
import ScenarioSupport
import Testing

/// It makes no difference which server one talks to.
@Suite(.serialized, .timeLimit(.minutes(3))) struct AcrossServersTests {
    @Test func linesThatOneServerTakesAreFollowedAtTheOtherAsTheyCome() async throws {
        try await Scene.play { scene in
            let fleet = try await Fleet.prepare(in: scene)
            let (near, far) = (try await fleet.server(), try await fleet.server())
            _ = try await fleet.worker("worker", of: near)
            let gates = (1...10).map { scene.gate("gate-\($0)") }
            let command = gates.enumerated().map { "\($1.command); echo passed \($0)" }.joined(separator: "\n")
            let build = try await far.submit(try await scene.repository(), command)
            let start = ContinuousClock.now
            var next = 0
            for try await news in far.client.follow(build.id) {
                guard case .line(let line) = news, line.text == "ready" else { continue }
                try gates[next].open()
                next += 1
            }
            #expect(next == 10)
            #expect(try await near.client.build(build.id).status == .success)
            // Ten times there and back; whoever had to look by himself now and then would need much longer.
            #expect(ContinuousClock.now - start < .seconds(15))
        }
    }

    @Test func aCancelAtOneServerReachesTheWorkerOfTheOther() async throws {
        try await Scene.play { scene in
            let fleet = try await Fleet.prepare(in: scene)
            let (near, far) = (try await fleet.server(), try await fleet.server())
            _ = try await fleet.worker("worker", of: near)
            let mark = UUID().uuidString
            let build = try await near.submit(
                try await scene.repository(), "echo ready; sleep 1000", env: ["MARK": mark])
            try await near.line("ready", of: build.id)
            try await far.client.cancel(build.id)
            let ended = try await near.end(of: build.id)
            #expect(ended.build.status == .canceled)
            #expect(try Processes.with(mark).isEmpty)
        }
    }

    @Test func labelsLeadBuildsToWorkers() async throws {
        try await Scene.play { scene in
            let fleet = try await Fleet.prepare(in: scene)
            let server = try await fleet.server()
            _ = try await fleet.worker("plain", of: server)
            _ = try await fleet.worker("arm", of: server, labels: ["linux", "arch=arm64"])
            let repository = try await scene.repository()
            let lost = try await server.submit(repository, "true", labels: ["linux", "gpu"])
            for _ in 1...4 {
                let build = try await server.submit(repository, "true", labels: ["arch=arm64"])
                #expect(try await server.end(of: build.id).build.lockedBy == "arm")
            }
            #expect(try await server.client.build(lost.id).status == .pending)
        }
    }
}
