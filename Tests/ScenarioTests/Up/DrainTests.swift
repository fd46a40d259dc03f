import APIClient
import APISchema
import BuildDomain
import Foundation
import TestSupport
import Testing

/// SIGTERM to `mini-ci up`.
@Suite(.serialized, .timeLimit(.minutes(3))) struct DrainTests {
    @Test func whatRunsMayFinishAndWhatWaitsIsThereAfterTheRestart() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let gate = scene.gate("gate")
            let running = try await up.submit(repository, gate.command + "; echo finished")
            try await up.line("ready", of: running.id)
            up.program.send(SIGTERM)
            try await eventually("it drains") { up.program.errorText.contains("draining") }
            let waiting = try await up.submit(repository, "echo later")
            try gate.open()
            #expect(try await up.program.end() == 0)
            let next = try await scene.restart(up)
            let first = try await next.end(of: running.id)
            #expect(first.build.status == .success)
            #expect(first.output == ["ready", "finished"])
            #expect(first.attempts.count == 1)
            let second = try await next.end(of: waiting.id)
            #expect(second.build.status == .success)
            #expect(try await next.drain() == 0)
        }
    }

    @Test func theSecondSignalCancelsWhatRuns() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let mark = UUID().uuidString
            let build = try await up.submit(
                try await scene.repository(), "echo ready; sleep 1000", env: ["MARK": mark])
            try await up.line("ready", of: build.id)
            up.program.send(SIGTERM)
            try await eventually("it drains") { up.program.errorText.contains("draining") }
            up.program.send(SIGTERM)
            #expect(try await up.program.end() == 0)
            #expect(try Processes.with(mark).isEmpty)
            let next = try await scene.restart(up)
            #expect(try await next.client.build(build.id).status == .canceled)
        }
    }
}
