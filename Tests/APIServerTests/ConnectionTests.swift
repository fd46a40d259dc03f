import APISchema
import AsyncHTTPClient
import BuildDomain
import NIOCore
import NIOHTTP1
import NIOPosix
import Orchestration
import Testing

@testable import APIServer

@Suite struct ConnectionTests {
    private func stream(_ build: BuildView) -> String { "\(APIPath.builds)/\(build.id)/logs/stream" }

    @Test func aFollowerThatLeavesIsForgotten() async throws {
        try await TestServer.run { server in
            let build = try await server.submit()
            let leaving = Task {
                var events = EventReader(try await server.open(.GET, stream(build)))
                _ = try await events.rest()
            }
            while server.hub.topicCount == 0 { await Task.yield() }
            leaving.cancel()
            _ = try? await leaving.value
            // Nothing is sent meanwhile: that the client is gone is seen at the connection, not by a failing write.
            while server.hub.topicCount > 0 { await Task.yield() }
        }
    }

    @Test func aSlowReaderHoldsUpNobodyAndStillGetsEverything() async throws {
        try await TestServer.run { server in
            let build = try await server.submit()
            let worker = try await TestWorker(server.services)
            var slow = EventReader(try await server.open(.GET, stream(build)))
            var quick = EventReader(try await server.open(.GET, stream(build)))
            // More than sockets and pipelines hold, so the slow reader's stream stands still meanwhile.
            let lines = (0..<100).map { "\($0) \(String(repeating: "x", count: 1000))" }
            for _ in 0..<100 { try await worker.append(lines.map { Array($0.utf8) }) }
            try await worker.finish()
            #expect(try await quick.rest().compactMap(\.line?.number) == Array(1...10_000))
            #expect(try await slow.rest().compactMap(\.line?.number) == Array(1...10_000))
        }
    }

    @Test func aShutdownLetsALongPollEnd() async throws {
        try await TestServer.run { server in
            let body =
                #"{"worker": {"id": "01890000-0000-7000-8000-000000000000", "name": "w"}, "labels": [], "limit": 1, "#
                + #""wait_ms": 30000}"#
            async let claim = server.call(.POST, "\(APIPath.worker)/claim", as: .worker, json: body)
            while server.hub.topicCount == 0 { await Task.yield() }
            await server.shutDown()
            let answer = try await claim
            #expect(answer.status == 200 && answer.text == #"{"assignments":[]}"#)
        }
    }

    @Test(arguments: [
        "", "GET /heal", "GET /healthz HTTP/1.1\r\nHost: a\r\n",
        "POST /api/v1/builds HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer TOKEN\r\nContent-Length: 10\r\n\r\n{",
    ])
    func whoNeverFinishesARequestIsHungUpOn(start: String) async throws {
        try await TestServer.run {
            $0.limits.idleTimeout = .milliseconds(50)
            $0.limits.bodyTimeout = .milliseconds(50)
        } _: { server in
            let text = start.replacing("TOKEN", with: server.tokens[.admin] ?? "")
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: "127.0.0.1", port: server.port).get()
            // On a busy machine it may have hung up already, which is just as well.
            try? await channel.writeAndFlush(ByteBuffer(string: text)).get()
            try await channel.closeFuture.get()
        }
    }

    @Test func connectionsBeyondTheLimitWaitForOneThatCloses() async throws {
        try await TestServer.run {
            $0.limits.maximumConnections = 1
        } _: { server in
            let first = try await StalledClient(server, "GET /healthz HTTP/1.1")
            while try await !first.readSome().contains("200 OK") {}
            let second = try await StalledClient(server, "GET /healthz HTTP/1.1")
            // Time enough to answer the second one too, if anybody did.
            for count in 2...20 {
                try await first.send("GET /healthz HTTP/1.1")
                while try await first.readSome().count(of: "200 OK") < count {}
            }
            #expect(try await second.readSome().bytes.isEmpty)
            try await first.close()
            while try await !second.readSome().contains("200 OK") {}
        }
    }
}
