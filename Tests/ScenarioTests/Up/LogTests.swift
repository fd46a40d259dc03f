import APISchema
import BuildDomain
import Crypto
import Foundation
import ScenarioSupport
import Testing

/// Logs are what was printed, byte by byte.
@Suite(.serialized, .timeLimit(.minutes(3))) struct LogTests {
    @Test func aLongLogIsWholeAndSealed() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let build = try await up.submit(try await scene.repository(), "seq 1 200000")
            let ended = try await up.result(of: build.id)
            #expect(ended.status == .success)
            let direct = try await scene.run("/usr/bin/seq", ["1", "200000"])
            let stored = try await up.log(build.id, step: 2)
            #expect(SHA256.hash(data: stored) == SHA256.hash(data: direct.output))
            let whole = try await up.log(build.id)
            let attempt = try #require(ended.jobs.first?.attempts.first)
            #expect(attempt.logSHA256 == SHA256.hash(data: whole).map { String(format: "%02x", $0) }.joined())
            #expect(attempt.logBytes == Int64(whole.count))
            #expect(attempt.logLines == Int64(whole.count { $0 == 10 }))
        }
    }

    @Test func everyByteIsKept() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let limit = 1024 * 1024
            let tail = Array("a\rb\r\nnul\0nul\n".utf8) + [0xFF, 0xFE, 0x80, 10] + Array("the end".utf8)
            let long = Array(repeating: UInt8(ascii: "x"), count: limit + 500_000)
            let repository = try await scene.repository(["bytes": long + [10] + tail])
            let build = try await up.run(repository, "cat bytes").build
            #expect(build.status == .success)
            // A line that is too long is cut, and the last one gets the line feed that it lacks.
            let expected = long[..<limit] + [10] + long[limit...] + [10] + tail + [10]
            #expect(try await up.log(build.id, step: 2) == Array(expected))
            let lines = try await up.lines(build.id, step: 2)
            #expect(lines.map { $0.partial ?? false } == [true, false, false, false, false, true])
            #expect(lines.dropFirst(2).map(\.text) == ["a\rb\r", "nul\0nul", "\u{FFFD}\u{FFFD}\u{FFFD}", "the end"])
            let printed = try await scene.miniCI(up, "logs", "--step", "2", "\(build.id)")
            #expect(printed.output == Array(expected))
        }
    }

    @Test func ofALogThatIsTooLongBeginningAndEndAreKept() async throws {
        try await Scene.play { scene in
            let up = try await scene.up(["--log-limit", "512KiB"])
            let build = try await up.submit(try await scene.repository(), "seq 1 200000")
            #expect(try await up.result(of: build.id).status == .success)
            let lines = try await up.lines(build.id, step: 2)
            #expect(lines.first?.text == "1")
            #expect(lines.last?.text == "200000")
            #expect(lines.contains { $0.stream == "system" && $0.text.contains("log limit of 524288 bytes") })
            #expect(try await up.log(build.id).count < 520 * 1024)
        }
    }
}
