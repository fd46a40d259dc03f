import APISchema
import AsyncHTTPClient
import BuildDomain
import NIOCore
import NIOHTTP1
import Orchestration
import ServiceLifecycle
import Testing

@testable import APIServer

/// Clients that stop reading, and what a shutdown does to them.
@Suite(.timeLimit(.minutes(2))) struct StalledReaderTests {
    private static let never = Duration.seconds(3600)

    /// More than sockets hold: 10,000 lines of a kilobyte.
    private func printMuch(_ worker: TestWorker) async throws {
        let lines = (0..<100).map { Array("\($0) \(String(repeating: "x", count: 1000))".utf8) }
        for _ in 0..<100 { try await worker.append(lines) }
    }

    @Test func whoTakesNothingOfAStreamIsHungUpOnAndCanComeBack() async throws {
        let world = TestWorld()
        let begun = Shared<(build: BuildID, worker: TestWorker, seen: [String])?>(nil)
        try await TestServer.run(over: world) {
            $0.limits.streamStallTimeout = .milliseconds(100)
        } _: { server in
            let build = try await server.submit()
            let worker = try await TestWorker(server.services)
            let stalled = try await StalledClient(server, "GET \(APIPath.builds)/\(build.id)/logs/stream HTTP/1.1")
            while server.hub.topicCount == 0 { await Task.yield() }
            try await printMuch(worker)
            // The build goes on, so nothing else ends the stream.
            while server.hub.topicCount > 0 { await Task.yield() }
            begun.set((build.id, worker, try await stalled.rest().eventIDs))
        }
        // With a limit for a machine that is busy with other tests.
        try await TestServer.run(over: world) { server in
            let (build, worker, seen) = try #require(begun.get())
            #expect((1..<10_000).contains(seen.count))
            try await worker.finish()
            let last = try #require(seen.last)
            var resumed = EventReader(
                try await server.open(
                    .GET, "\(APIPath.builds)/\(build)/logs/stream", headers: [(APIMedia.lastEventID, last)]))
            let numbers = try await resumed.rest().compactMap(\.line?.number)
            #expect(numbers == Array(Int64(seen.count + 1)...10_000))
        }
    }

    @Test func whoTakesNothingDoesNotHoldUpAShutdown() async throws {
        try await TestServer.run {
            $0.limits.streamStallTimeout = Self.never
            $0.limits.answerStallTimeout = Self.never
            $0.limits.shutdownTimeout = Self.never
            $0.limits.farewellTimeout = .milliseconds(100)
        } _: { server in
            let build = try await server.submit()
            let worker = try await TestWorker(server.services)
            try await printMuch(worker)
            for path in ["logs", "logs/stream"] {
                _ = try await StalledClient(server, "GET \(APIPath.builds)/\(build.id)/\(path) HTTP/1.1")
            }
            while server.hub.topicCount == 0 { await Task.yield() }
            // The end of the test is the end of the server.
        }
    }

    @Test func whatIsNotDoneWithinTheLimitOfAShutdownIsCutOff() async throws {
        try await TestServer.run {
            $0.limits.bodyTimeout = Self.never
            $0.limits.idleTimeout = Self.never
            $0.limits.shutdownTimeout = .milliseconds(100)
        } _: { server in
            let health = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
            let unfinished = try await StalledClient(
                server, health + "POST \(APIPath.builds) HTTP/1.1", "Content-Length: 10")
            // The answer to the first request says that the second one was read too.
            while try await !unfinished.readSome().contains("200 OK") {}
            await server.shutDown()
            _ = try await unfinished.rest()
        }
    }

    @Test func anAnswerThatWasBegunComesWholeAlsoWhenTheServerShutsDown() async throws {
        try await TestServer.run {
            $0.limits.shutdownTimeout = Self.never
            $0.limits.farewellTimeout = Self.never
        } _: { server in
            let build = try await server.submit()
            let worker = try await TestWorker(server.services)
            try await printMuch(worker)
            try await worker.finish()
            let size = try await server.services.readBuilds.build(build.id).jobs[0].attempts[0].end?.seal?.extent.length
            let response = try await server.open(.GET, "\(APIPath.builds)/\(build.id)/logs")
            await server.shutDown()
            // When nobody is let in any more, the open connections have heard of the shutdown too.
            while let late = try? await StalledClient(server, "GET /healthz HTTP/1.1") {
                try? await late.close()
            }
            var count: Int64 = 0
            for try await piece in response.body { count += Int64(piece.readableBytes) }
            #expect(count == size)
        }
    }
}
