import APISchema
import BuildDomain
import Foundation
import NIOHTTP1
import Orchestration
import Testing

@testable import APIServer

@Suite struct LogRouteTests {
    private func lines(_ answer: Answer) throws -> [LineView] {
        try answer.body.split(separator: 10).map { try JSONDecoder().decode(LineView.self, from: Data($0)) }
    }

    @Test func aLogIsReadAsBytesAndAsLines() async throws {
        try await TestServer.run { server in
            let build = try await server.submit()
            let path = "\(APIPath.builds)/\(build.id)/logs"
            let empty = try await server.call(.GET, path, as: .reader)
            #expect(empty.status == 200 && empty.body.isEmpty)
            let worker = try await TestWorker(server.services)
            try await worker.append("fetching", step: 1, stream: .system)
            try await worker.append([[0xFF, 0x00], Array("two".utf8)])
            try await worker.append("err", stream: .stderr, isUnterminated: true)
            let text = try await server.call(.GET, path, as: .reader)
            #expect(text.headers.first(name: "content-type") == "text/plain; charset=utf-8")
            #expect(text.body == Array("fetching\n".utf8) + [0xFF, 0x00, 10] + Array("two\nerr\n".utf8))
            let json = try await server.call(.GET, path, as: .reader, headers: [("Accept", APIMedia.lines)])
            #expect(json.headers.first(name: "content-type") == APIMedia.lines)
            let lines = try lines(json)
            #expect(lines.map(\.number) == [1, 2, 3, 4])
            #expect(lines.map(\.text) == ["fetching", "\u{FFFD}\u{0}", "two", "err"])
            #expect(lines.map(\.stream) == ["system", "stdout", "stdout", "stderr"])
            #expect(lines.map(\.step) == [1, 2, 2, 2])
            #expect(lines.map(\.partial) == [nil, nil, nil, true])
            #expect(lines[0].time == Timestamp(milliseconds: 1_700_000_000_123))
        }
    }

    @Test(arguments: [
        ("", "abcdef"), ("?from_line=3", "cdef"), ("?from_line=3&limit=2", "cd"), ("?limit=1", "a"),
        ("?limit=100", "abcdef"),
        ("?from_line=7", ""), ("?from_line=9007199254740992", ""), ("?step=1", "abe"), ("?step=1&limit=2", "ab"),
        ("?step=1&from_line=2&limit=2", "be"), ("?step=7", ""), ("?job=build&attempt=1", "abcdef"),
    ])
    func partsOfALog(query: String, expected: String) async throws {
        // A tiny render limit makes every line its own write.
        for renderBytes in [1, 64 * 1024] {
            try await TestServer.run {
                $0.limits.renderBytes = renderBytes
            } _: { server in
                let build = try await server.submit()
                let worker = try await TestWorker(server.services)
                try await worker.append("a", "b", step: 1)
                try await worker.append("c", "d")
                try await worker.append("e", step: 1)
                try await worker.append("f")
                for media in ["text/plain", APIMedia.lines] {
                    let answer = try await server.call(
                        .GET, "\(APIPath.builds)/\(build.id)/logs\(query)", headers: [("Accept", media)])
                    #expect(answer.status == 200)
                    let texts =
                        media == APIMedia.lines
                        ? try lines(answer).map(\.text) : answer.text.split(separator: "\n").map { String($0) }
                    #expect(texts.joined() == expected)
                }
            }
        }
    }

    /// A server renders in pieces of so many bytes, and lines around that size could fall between two of them.
    @Test func aLimitIsExactAlsoWithLinesAsLongAsAPieceOfTheAnswer() async throws {
        try await TestServer.run { server in
            let piece = APIServerLimits().renderBytes
            let sizes = [piece - 1, 0, piece, piece - 2, piece + 1, 3 * piece, 1, piece / 2, piece / 2]
            let build = try await server.submit()
            let worker = try await TestWorker(server.services)
            let all = sizes.map { [UInt8](repeating: UInt8(ascii: "x"), count: $0) }
            for (start, step) in [(0, 1), (3, 2), (6, 1)] {
                try await worker.append(Array(all[start..<start + 3]), step: step)
            }
            let path = "\(APIPath.builds)/\(build.id)/logs"
            for first in 1...sizes.count {
                for limit in 1...sizes.count {
                    let expected = all.dropFirst(first - 1).prefix(limit)
                    let query = "?from_line=\(first)&limit=\(limit)"
                    let text = try await server.call(.GET, path + query)
                    #expect(text.body == Array(expected.map { $0 + [10] }.joined()), "\(query)")
                    let json = try await server.call(.GET, path + query, headers: [("Accept", APIMedia.lines)])
                    let numbers = try lines(json).map(\.number)
                    #expect(numbers == expected.indices.map { Int64($0 + 1) }, "\(query)")
                    let ofStep = all.indices.filter { $0 >= first - 1 && !(3..<6).contains($0) }.prefix(limit)
                    let step = try await server.call(.GET, path + query + "&step=1")
                    #expect(step.body == Array(ofStep.map { all[$0] + [10] }.joined()), "\(query)")
                }
            }
        }
    }

    @Test func anAttemptIsChosenByNumberOrId() async throws {
        try await TestServer.run { server in
            let build = try await server.submit(
                #"{"repo_url": "https://example.org/a.git", "ref": "main", "command": "make", "max_attempts": 2}"#)
            let path = "\(APIPath.builds)/\(build.id)/logs"
            #expect(try await server.call(.GET, path + "?attempt=1").problem().status == 404)
            let first = try await TestWorker(server.services)
            try await first.append("first")
            try await first.finish(.failed, reason: .script)
            let second = try await TestWorker(server.services)
            try await second.append("second")
            for (query, text) in [
                ("", "second\n"), ("?attempt=1", "first\n"), ("?attempt=2", "second\n"),
                ("?attempt=\(await first.attempt)", "first\n"),
            ] {
                #expect(try await server.call(.GET, path + query).text == text)
            }
            for query in ["?attempt=3", "?attempt=0", "?attempt=x", "?job=other"] {
                #expect(try await server.call(.GET, path + query).problem().status == 404)
            }
        }
    }

    @Test func aLogLargerThanAllBuffersComesWhole() async throws {
        try await TestServer.run { server in
            let build = try await server.submit()
            let worker = try await TestWorker(server.services)
            var all: [UInt8] = []
            for part in 0..<8 {
                let lines = (0..<5000).map { Array("line \(part) \($0) \(String(repeating: "x", count: 40))".utf8) }
                all += lines.map { $0 + [10] }.joined()
                try await worker.append(lines)
            }
            try await worker.finish()
            let answer = try await server.call(.GET, "\(APIPath.builds)/\(build.id)/logs")
            #expect(answer.body == all)
            let tail = try await server.call(
                .GET, "\(APIPath.builds)/\(build.id)/logs?from_line=39999", headers: [("Accept", APIMedia.lines)])
            #expect(try lines(tail).map(\.number) == [39_999, 40_000])
        }
    }

    @Test func theAcceptHeaderDecides() {
        let offered = ["text/plain", APIMedia.lines]
        let cases: [(String?, String?)] = [
            (nil, "text/plain"), ("", "text/plain"), ("*/*", "text/plain"), ("text/*", "text/plain"),
            ("application/*", APIMedia.lines), ("application/x-ndjson", APIMedia.lines), ("application/json", nil),
            ("text/plain;q=0.5, application/x-ndjson", APIMedia.lines), ("text/plain;q=0, */*", APIMedia.lines),
            ("*/*;q=0.1, application/x-ndjson;q=0.2", APIMedia.lines), ("TEXT/PLAIN ; q=1", "text/plain"),
            ("text/html, */*;q=0.8", "text/plain"), ("nonsense", nil), ("text/plain;q=0", nil),
        ]
        for (header, expected) in cases {
            #expect(AcceptHeader.choose(header, from: offered) == expected, "\(header ?? "nil")")
        }
    }

    @Test func whatNobodyOffersIsNotAcceptable() async throws {
        try await TestServer.run { server in
            let build = try await server.submit()
            for path in ["logs", "logs/stream"] {
                let answer = try await server.call(
                    .GET, "\(APIPath.builds)/\(build.id)/\(path)", headers: [("Accept", "image/png")])
                #expect(answer.status == 406)
                #expect(try answer.problem().type == "/problems/not-acceptable")
            }
        }
    }
}
