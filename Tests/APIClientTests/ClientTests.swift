import APISchema
import BuildDomain
import Testing

@testable import APIClient

@Suite struct ClientTests {
    @Test func submitsWithItsKeyAndReadsTheBuild() async throws {
        let server = try ScriptedServer([Answer.json(Sample.buildText("pending"), status: "201 Created")])
        defer { server.stop() }
        let build = try await withClient(of: server) {
            try await $0.submit(BuildRequest(repoURL: "/r", ref: "main", command: "make"), key: "k1")
        }
        #expect(build.id == Sample.build)
        let request = try #require(server.seen.first)
        #expect(request.line == "POST /api/v1/builds HTTP/1.1")
        #expect(request.header("idempotency-key") == "k1")
        #expect(request.header("content-type") == "application/json")
        #expect(String(decoding: request.body, as: UTF8.self).contains("\"repo_url\""))
    }

    @Test func listsByFilter() async throws {
        let page = "{\"items\":[\(Sample.buildText("failed"))],\"next_cursor\":\"c2\"}"
        let server = try ScriptedServer([Answer.json(page)])
        defer { server.stop() }
        let answer = try await withClient(of: server) {
            try await $0.builds(BuildFilter(status: .failed, repository: "/a b", limit: 5, cursor: "c1"))
        }
        #expect(answer.items.map(\.status) == [.failed])
        #expect(answer.nextCursor == "c2")
        #expect(
            server.seen.first?.line
                == "GET /api/v1/builds?status=failed&repo_url=%2Fa%20b&limit=5&cursor=c1 HTTP/1.1")
    }

    @Test func aLogThatIsCutOffIsAnError() async throws {
        let cut = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nhalf a log\n"
        let server = try ScriptedServer([cut])
        defer { server.stop() }
        try await withClient(of: server) { client in
            var text: [UInt8] = []
            let error = await #expect(throws: APIClientError.self) {
                for try await bytes in try await client.logs(of: Sample.build, LogRequest(step: 2, fromLine: 3)) {
                    text += bytes
                }
            }
            guard case .interrupted = error else {
                Issue.record("expected an interruption, got \(String(describing: error))")
                return
            }
            #expect(String(decoding: text, as: UTF8.self) == "half a log\n")
        }
        #expect(server.seen.first?.line == "GET /api/v1/builds/\(Sample.build)/logs?step=2&from_line=3 HTTP/1.1")
    }

    @Test func problemsSayWhatTheServerSaid() async throws {
        let fields = ",\"errors\":[{\"field\":\"ref\",\"message\":\"is empty\"}]"
        let server = try ScriptedServer([
            Answer.problem("invalid-input", 400, detail: "The build was refused.", more: fields),
            Answer.problem("unauthorized", 401, detail: "No token came."),
        ])
        defer { server.stop() }
        try await withClient(of: server) { client in
            let invalid = await #expect(throws: APIClientError.self) { _ = try await client.build(Sample.build) }
            #expect(invalid?.description == "The build was refused.\n  ref: is empty")
            let unknown = await #expect(throws: APIClientError.self) { _ = try await client.build(Sample.build) }
            #expect(unknown?.description.contains("--token-file") == true)
            #expect(unknown?.status == 401)
        }
    }

    @Test func aFieldIsNamedOnce() async throws {
        let fields = ",\"errors\":[{\"field\":\"ref\",\"message\":\"is empty\"}]"
        let server = try ScriptedServer([Answer.problem("invalid-body", 400, detail: "'ref' is empty", more: fields)])
        defer { server.stop() }
        try await withClient(of: server) { client in
            let error = await #expect(throws: APIClientError.self) { _ = try await client.build(Sample.build) }
            #expect(error?.description == "'ref' is empty")
        }
    }

    @Test func aServerWithoutTLSIsTold() async throws {
        let server = try ScriptedServer([Answer.json("{}")])
        defer { server.stop() }
        let address = try ServerAddress(server.address.replacing("http://", with: "https://"))
        let client = APIClient(server: address, token: nil)
        let error = await #expect(throws: APIClientError.self) { _ = try await client.build(Sample.build) }
        await client.shutdown()
        #expect(error == .withoutTLS(server: address.description))
        #expect(error?.description.hasSuffix("does not speak TLS; try \(server.address)") == true)
    }

    @Test func somethingElseThatAnswersIsTold() async throws {
        let server = try ScriptedServer([
            "HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            Answer.json("<html>", status: "502 Bad Gateway", type: "text/html"), Answer.json("[1,", status: "200 OK"),
        ])
        defer { server.stop() }
        try await withClient(of: server) { client in
            let redirect = await #expect(throws: APIClientError.self) { _ = try await client.build(Sample.build) }
            #expect(redirect?.description.contains("redirects to http://elsewhere/") == true)
            #expect(redirect?.isTransient == false)
            let proxy = await #expect(throws: APIClientError.self) { _ = try await client.build(Sample.build) }
            #expect(proxy?.isTransient == true)
            let nonsense = await #expect(throws: APIClientError.self) { _ = try await client.build(Sample.build) }
            guard case .unreadable = nonsense else {
                Issue.record("expected an unreadable answer, got \(String(describing: nonsense))")
                return
            }
        }
    }

    @Test func nobodyThereIsToldWithAdvice() async throws {
        let server = try ScriptedServer([])
        let client = APIClient(server: try ServerAddress(server.address), token: nil)
        server.stop()
        let error = await #expect(throws: APIClientError.self) { try await client.health() }
        let text = error?.description ?? ""
        #expect(text.contains("could not reach \(server.address): "))
        #expect(text.contains("`mini-ci up`"))
        await client.shutdown()
    }

    @Test func aTokenThatFitsNoHeaderIsNotSent() async throws {
        let client = APIClient(server: .local, token: "two\nlines")
        await #expect(throws: APIClientError.unusableToken) { try await client.health() }
        await client.shutdown()
    }
}
