import APIClient
import APISchema
import BuildDomain
import Foundation
import TestSupport
import ScenarioSupport
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

    @Test func whoReadsNothingHoldsUpNoShutdown() async throws {
        try await Scene.play { scene in
            let up = try await scene.up(["--shutdown-limit", "1h"])
            // More than sockets and pipes hold.
            let command = "yes \(String(repeating: "x", count: 100)) | head -n 100000"
            let build = try await up.submit(try await scene.repository(), command)
            _ = try await up.result(of: build.id)
            let script = "curl -sN --noproxy '*' -H \"Authorization: Bearer $1\" \"$2\" | { head -n 1; sleep 1000; }"
            let url = "\(up.url)/api/v1/builds/\(build.id)/logs/stream"
            let connection = try scene.start("/bin/sh", ["-c", script, "-", up.token, url])
            try await eventually("it is followed") { !connection.outputText.isEmpty }
            #expect(try await up.drain() == 0)
        }
    }

    @Test func theNextSignalEndsAShutdownAtOnce() async throws {
        try await Scene.play { scene in
            let up = try await scene.up(["--shutdown-limit", "1h"])
            // In one piece: the answer to the first request says that the second one, which never ends, has begun.
            let requests =
                "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nPOST /api/v1/builds HTTP/1.1\r\nHost: a\r\n"
                + "Authorization: Bearer \(up.token)\r\nContent-Length: 10\r\n\r\n{"
            try scene.write(requests.utf8, to: "requests")
            let unfinished = try scene.start(
                "/bin/bash",
                ["-c", "exec 3<>/dev/tcp/127.0.0.1/\(up.port); cat '\(scene.path("requests"))' >&3; cat <&3"])
            try await eventually("it is open") { unfinished.outputText.contains("200 OK") }
            up.program.send(SIGTERM)
            try await eventually("it drains") { up.program.errorText.contains("draining") }
            up.program.send(SIGTERM)
            #expect(try await up.program.end() == 128 + SIGTERM)
        }
    }
}
