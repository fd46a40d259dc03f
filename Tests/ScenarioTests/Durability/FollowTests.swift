import APISchema
import BuildDomain
import Foundation
import TestSupport
import ScenarioSupport
import Testing

/// Followers lose no line and see none twice, whatever happens to the server.
@Suite(.serialized, .timeLimit(.minutes(3))) struct FollowTests {
    /// Prints without end, and in the second attempt three hundred lines.
    private let command = """
        i=0
        while [ $i -lt 300 ] || [ $MINI_CI_ATTEMPT = 1 ]; do i=$((i+1)); echo line $i; sleep 0.005; done
        """

    @Test func aFollowerGoesOnAfterACrash() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let build = try await up.submit(try await scene.repository(), command)
            let raw = try curl(up, build.id, in: scene)
            async let following = up.end(of: build.id)
            try await eventually("a hundred lines came") { EventStream(raw.outputText).lines.count >= 100 }
            raw.send(SIGTERM)
            try await raw.end()
            try await up.line("line 120", of: build.id)
            try await up.program.kill()
            let next = try await scene.restart(up)
            let followed = try await following
            #expect(followed.build.status == .success)
            try #require(followed.attempts.map(\.reason) == [.workerLost, nil])
            for number in 1...2 {
                let id = followed.attempts[number - 1].id
                let stored = try await next.lines(build.id, attempt: number)
                #expect(followed.lines.filter { $0.attempt == id }.map(\.text) == stored.map(\.text))
                #expect(stored.map(\.number) == Array(1...Int64(stored.count)))
            }
            let begun = EventStream(raw.outputText).lines
            let rest = try curl(next, build.id, after: try #require(begun.last).id, in: scene)
            try await rest.end()
            let both = begun + EventStream(rest.outputText).lines
            #expect(both.map(\.id) == ids(of: followed))
            #expect(EventStream(rest.outputText).events.last?.name == "end")
        }
    }

    @Test func aFollowerOfABuildThatWaitsGoesOnAfterARestart() async throws {
        try await Scene.play { scene in
            let up = try await scene.up(["--capacity", "1"])
            let repository = try await scene.repository()
            let gate = scene.gate("gate")
            let first = try await up.submit(repository, gate.command)
            try await up.line("ready", of: first.id)
            let waiting = try await up.submit(repository, "seq 1 500")
            let raw = try curl(up, waiting.id, in: scene)
            async let following = up.end(of: waiting.id)
            async let followingFirst = up.end(of: first.id)
            try await eventually("it is followed") { !EventStream(raw.outputText).events.isEmpty }
            up.program.send(SIGTERM)
            try await eventually("it drains") { up.program.errorText.contains("draining") }
            try gate.open()
            #expect(try await up.program.end() == 0)
            #expect(try await followingFirst.build.status == .success)
            try await raw.end()
            let next = try await scene.restart(up)
            let followed = try await following
            #expect(followed.build.status == .success)
            #expect(followed.output == (1...500).map { "\($0)" })
            let rest = try curl(next, waiting.id, after: EventStream(raw.outputText).lines.last?.id, in: scene)
            try await rest.end()
            let both = EventStream(raw.outputText).lines + EventStream(rest.outputText).lines
            #expect(both.map(\.id) == ids(of: followed))
        }
    }

    private func ids(of followed: Followed) -> [String] {
        followed.lines.map { line in "\(line.attempt.map { "\($0)" } ?? "-"):\(line.number)" }
    }

    /// Reads a build's stream as any client can.
    private func curl(_ server: Server, _ build: BuildID, after id: String? = nil, in scene: Scene) throws -> Program {
        let position = id.map { ["-H", "Last-Event-ID: \($0)"] } ?? []
        return try scene.start(
            "/usr/bin/curl",
            ["-sN", "--noproxy", "*", "-H", "Authorization: Bearer \(server.token)"] + position
                + ["\(server.url)/api/v1/builds/\(build)/logs/stream"])
    }
}
