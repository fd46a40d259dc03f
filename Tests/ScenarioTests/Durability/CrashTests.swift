import APIClient
import APISchema
import BuildDomain
import Foundation
import Synchronization
import TestSupport
import ScenarioSupport
import Testing

/// `kill -9` of `mini-ci up`.
@Suite(.serialized, .timeLimit(.minutes(3))) struct CrashTests {
    @Test func whatWasAcknowledgedIsThereAndEnds() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let finished = try await up.run(repository, "seq 1 1000")
            let log = try await up.log(finished.build.id)
            let (gate, mark) = (scene.gate("gate"), UUID().uuidString)
            var running: [BuildID] = []
            for _ in 1...2 {
                running.append(try await up.submit(repository, gate.command, env: ["MARK": mark]).id)
            }
            for id in running { try await up.line("ready", of: id) }
            let acknowledged = try await crash(up, whileSubmittingTo: repository)
            try await eventually("no process of the killed builds is left") { try Processes.with(mark).isEmpty }
            try gate.open()

            let next = try await scene.restart(up)
            for id in acknowledged {
                #expect(try await next.end(of: id).build.status == .success)
            }
            for id in running {
                let ended = try await next.end(of: id)
                #expect(ended.build.status == .success)
                #expect(ended.attempts.map(\.reason) == [.workerLost, nil])
            }
            #expect(try await next.client.build(finished.build.id) == finished.build)
            #expect(try await next.log(finished.build.id) == log)
        }
    }

    /// Submits from several sides and kills the server in the middle of it.
    /// - Returns: the builds whose submits were answered.
    private func crash(_ up: Server, whileSubmittingTo repository: Repository) async throws -> [BuildID] {
        let acknowledged = Acknowledged()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 1...4 {
                tasks.addTask {
                    while up.program.isRunning, let build = try? await up.submit(repository, "true") {
                        acknowledged.ids.withLock { $0.append(build.id) }
                    }
                }
            }
            try await eventually("some submits were answered") { acknowledged.ids.withLock { $0.count } >= 12 }
            try await up.program.kill()
        }
        return acknowledged.ids.withLock { $0 }
    }
}

/// The builds whose submits were answered.
private final class Acknowledged: Sendable {
    let ids = Mutex<[BuildID]>([])
}
