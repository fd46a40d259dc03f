import APISchema
import BuildDomain
import Foundation
import TestSupport
import ScenarioSupport
import Testing

/// Several servers and workers share the builds.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SharingTests {
    @Test func twoServersAndThreeWorkersLoseNoBuildAndRunNoneTwice() async throws {
        try await Scene.play { scene in
            let fleet = try await Fleet.prepare(in: scene)
            let servers = [try await fleet.server(), try await fleet.server()]
            for number in 0..<3 { _ = try await fleet.worker("worker-\(number)", of: servers[number % 2]) }
            let submitted = try await submit(200, to: servers, in: scene)
            var workers: Set<String> = []
            for (index, id) in submitted.enumerated() {
                // The other server than the one that took it.
                let build = try await servers[(index + 1) % 2].end(of: id).build
                #expect(build.status == .success)
                #expect(build.attempts == 1)
                workers.insert(build.lockedBy ?? "-")
            }
            try expectOnce(submitted, in: scene)
            #expect(workers == ["worker-0", "worker-1", "worker-2"])
        }
    }

    @Test func aServerThatIsKilledCostsNothingThatWasAcknowledged() async throws {
        try await Scene.play { scene in
            let fleet = try await Fleet.prepare(in: scene)
            let (first, second) = (try await fleet.server(), try await fleet.server())
            _ = try await fleet.worker("worker-0", of: first)
            _ = try await fleet.worker("worker-1", of: second)
            let repository = try await scene.repository()
            let gate = scene.gate("gate")
            var held: [BuildID] = []
            for _ in 1...4 { held.append(try await first.submit(repository, gate.command).id) }
            for id in held { try await second.line("ready", of: id) }
            let submitted = try await submit(40, to: [first, second], in: scene)
            try await first.program.kill()
            try gate.open()
            let again = try await fleet.server(port: first.port)
            for id in held + submitted {
                let build = try await again.end(of: id).build
                #expect(build.status == .success)
                #expect(build.attempts == 1)
            }
            try expectOnce(submitted, in: scene)
        }
    }

    /// Submits builds that leave their attempts' ids in a file, in turn to each of the servers.
    private func submit(_ count: Int, to servers: [Server], in scene: Scene) async throws -> [BuildID] {
        let repository = try await scene.repository()
        let command = "echo $MINI_CI_ATTEMPT_ID >>'\(scene.path("runs"))'"
        return try await withThrowingTaskGroup(of: [BuildID].self) { tasks in
            for lane in 0..<4 {
                tasks.addTask {
                    var ids: [BuildID] = []
                    for number in 0..<(count / 4) {
                        ids.append(try await servers[(lane + number) % servers.count].submit(repository, command).id)
                    }
                    return ids
                }
            }
            return try await tasks.reduce(into: []) { $0 += $1 }
        }
    }

    private func expectOnce(_ builds: [BuildID], in scene: Scene) throws {
        let runs = try String(contentsOfFile: scene.path("runs"), encoding: .utf8).split(separator: "\n")
        #expect(runs.count == builds.count)
        #expect(Set(runs).count == builds.count)
    }
}
