import APIClient
import APISchema
import BuildDomain
import Foundation
import TestSupport
import ScenarioSupport
import Testing

/// Cancel means stop, and so does the end of the time.
@Suite(.serialized, .timeLimit(.minutes(3))) struct StoppingTests {
    @Test func aBuildThatWaitsIsCanceledAtOnceAndNotTwice() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let build = try await up.submit(try await scene.repository(), "true", labels: ["nowhere"])
            let canceled = try await scene.miniCI(up, "cancel", "\(build.id)")
            #expect(canceled.status == 0, "\(canceled.error)")
            let state = try await up.client.build(build.id)
            #expect(state.status == .canceled)
            #expect(state.attempts == 0)
            let again = try await scene.miniCI(up, "cancel", "\(build.id)")
            #expect(again.status == 3)
            #expect(again.error.contains("canceled"), "\(again.error)")
            let error = await #expect(throws: APIClientError.self) { try await up.client.cancel(build.id) }
            #expect(error?.status == 409)
        }
    }

    @Test func aBuildThatIgnoresSIGTERMIsKilledAfterTheGrace() async throws {
        try await Scene.play { scene in
            let up = try await scene.up(["--stop-grace", "1"])
            let mark = UUID().uuidString
            let command = "trap '' TERM; (trap '' TERM; sleep 1000) & echo ready; while :; do sleep 0.1; done"
            let build = try await up.submit(try await scene.repository(), command, env: ["MARK": mark])
            try await up.line("ready", of: build.id)
            try await up.client.cancel(build.id)
            let ended = try await up.end(of: build.id)
            #expect(ended.build.status == .canceled)
            let (asked, finished) = (ended.build.cancelRequestedAt, ended.build.finishedAt)
            let took = try #require(finished) - #require(asked)
            #expect(took >= .seconds(1))
            #expect(took < .seconds(10))
            #expect(try Processes.with(mark).isEmpty)
            #expect(ended.lines.contains { $0.stream == "system" && $0.text == "canceled" })
            #expect(ended.attempts.first?.logSHA256 != nil)
        }
    }

    @Test func aBuildThatTakesTooLongIsStopped() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let mark = UUID().uuidString
            let ended = try await up.run(
                try await scene.repository(), "echo begun; sleep 1000", env: ["MARK": mark], timeout: 1)
            #expect(ended.build.status == .failed)
            #expect(ended.build.reason == .timeout)
            #expect(ended.output == ["begun"])
            #expect(try Processes.with(mark).isEmpty)
        }
    }

    @Test func aJobThatLeavesAProcessRunningIsToldThatItWasKilled() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let mark = UUID().uuidString
            let ended = try await up.run(
                try await scene.repository(), "sleep 1000 & echo begun", env: ["MARK": mark])
            #expect(ended.build.status == .success)
            #expect(ended.output == ["begun"])
            #expect(
                ended.lines.last { $0.stream == "system" }?.text
                    == "killed what the job left running in the background (processes: 1)")
            #expect(try Processes.with(mark).isEmpty)
        }
    }

    @Test func interruptingWhoFollowsCancelsTheBuildWhereNobodyCanBeAsked() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let following = try scene.start(
                try Product.miniCI(),
                ["submit", "--repo", repository.path, "--command", "echo ready; sleep 1000", "--follow"],
                environment: ["MINI_CI_DATA": up.data])
            try await eventually("its log is followed") { following.outputText.contains("ready\n") }
            following.send(SIGINT)
            #expect(try await following.end() == 130)
            #expect(try await up.client.builds().items.map(\.status) == [.canceled])
        }
    }
}
