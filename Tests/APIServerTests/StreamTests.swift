import APISchema
import AsyncHTTPClient
import BuildDomain
import NIOHTTP1
import Orchestration
import Testing

@testable import APIServer

@Suite struct StreamTests {
    private func follow(
        _ server: TestServer, _ build: BuildID, after id: String? = nil, query: String = ""
    ) async throws -> EventReader {
        let response = try await server.open(
            .GET, "\(APIPath.builds)/\(build)/logs/stream\(query)",
            headers: id.map { [(APIMedia.lastEventID, $0)] } ?? [])
        #expect(response.status == .ok)
        #expect(response.headers.first(name: "content-type") == APIMedia.events)
        return EventReader(response)
    }

    @Test func linesStatesAndTheEndArriveInOrder() async throws {
        try await TestServer.run { server in
            let build = try await server.submit()
            var events = try await follow(server, build.id)
            #expect(try await events.next()?.build?.status == .pending)
            let worker = try await TestWorker(server.services)
            #expect(try await events.next()?.build?.status == .running)
            try await worker.append("one", "two")
            let attempt = await worker.attempt
            let lines = try await events.lines(2)
            #expect(lines.map(\.id) == ["\(attempt):1", "\(attempt):2"])
            #expect(lines.compactMap(\.line?.text) == ["one", "two"])
            #expect(lines.first?.line?.attempt == attempt)
            try await worker.append("three")
            try await worker.finish()
            let rest = try await events.rest()
            #expect(rest.filter { $0.name == "line" }.compactMap(\.line?.text) == ["three"])
            #expect(rest.last?.name == "end" && rest.last?.build?.status == .success)
            #expect(events.retries == ["1000"])
        }
    }

    @Test func resumingAtAnyLineLosesNoneAndRepeatsNone() async throws {
        try await TestServer.run { server in
            let build = try await server.submit()
            let worker = try await TestWorker(server.services)
            // Chunks of several lines, so that resumption also starts in the middle of one.
            try await worker.append("1", "2", "3")
            try await worker.append("4", "5")
            try await worker.append("6")
            try await worker.finish()
            let attempt = await worker.attempt
            for last in 0...6 {
                var events = try await follow(server, build.id, after: "\(attempt):\(last)")
                let numbers = try await events.rest().compactMap(\.line?.number)
                #expect(numbers == Array(Int64(last + 1)..<7))
            }
            var events = try await follow(server, build.id, query: "?last_event_id=\(attempt):5")
            #expect(try await events.rest().compactMap(\.line?.number) == [6])
        }
    }

    @Test func resumingWorksAcrossARestartOfTheServer() async throws {
        let world = TestWorld()
        let seen = Shared<(id: String, build: BuildID)?>(nil)
        let busy = Shared<TestWorker?>(nil)
        try await TestServer.run(over: world) { server in
            let build = try await server.submit()
            let worker = try await TestWorker(server.services)
            busy.set(worker)
            var events = try await follow(server, build.id)
            try await worker.append("one", "two", "three")
            let last = try await events.lines(2).last
            seen.set((try #require(last?.id), build.id))
            await server.shutDown()
            // The stream is ended, not cut off, and says when to come back.
            _ = try await events.rest()
            #expect(events.retries == ["1000", "1000"])
        }
        let (id, build) = try #require(seen.get())
        try await TestServer.run(over: world) { server in
            var events = try await follow(server, build, after: id)
            try await busy.get()?.append("four")
            try await busy.get()?.finish()
            #expect(try await events.rest().filter { $0.name == "line" }.compactMap(\.line?.text) == ["three", "four"])
        }
    }

    @Test func aFollowerGoesOnWithTheAttemptAfterARetry() async throws {
        try await TestServer.run { server in
            let build = try await server.submit(
                #"{"repo_url": "https://example.org/a.git", "ref": "main", "command": "make", "max_attempts": 2}"#)
            let first = try await TestWorker(server.services)
            var events = try await follow(server, build.id)
            try await first.append("a1", "a2")
            #expect(try await events.lines(2).count == 2)
            try await first.append("a3")
            try await first.finish(.failed, reason: .script)
            let second = try await TestWorker(server.services)
            try await second.append("b1")
            try await second.finish()
            let lines = try await events.rest().filter { $0.name == "line" }
            #expect(lines.compactMap(\.line?.text) == ["a3", "b1"])
            #expect(lines.compactMap(\.line?.attempt) == [await first.attempt, await second.attempt])
            // Who comes back with a line of the first attempt gets the rest of it, then the second.
            var late = try await follow(server, build.id, after: "\(await first.attempt):1")
            #expect(try await late.rest().filter { $0.name == "line" }.compactMap(\.line?.text) == ["a2", "a3", "b1"])
        }
    }

    @Test func whoComesAfterTheFirstAttemptCanHaveAllOfThem() async throws {
        try await TestServer.run { server in
            let build = try await server.submit(
                #"{"repo_url": "https://example.org/a.git", "ref": "main", "command": "make", "max_attempts": 2}"#)
            let first = try await TestWorker(server.services)
            try await first.append("a1", "a2")
            try await first.finish(.failed, reason: .script)
            let second = try await TestWorker(server.services)
            try await second.append("b1")
            var all = try await follow(server, build.id, query: "?from_attempt=first")
            let seen = try await all.lines(3)
            #expect(seen.compactMap(\.line?.text) == ["a1", "a2", "b1"])
            var newest = try await follow(server, build.id, query: "?from_attempt=newest")
            #expect(try await newest.lines(1).compactMap(\.line?.text) == ["b1"])
            // A line that was seen goes before the beginning.
            var resumed = try await follow(server, build.id, after: seen[1].id, query: "?from_attempt=first")
            try await second.append("b2")
            try await second.finish()
            #expect(try await all.rest().compactMap(\.line?.text) == ["b2"])
            #expect(try await resumed.rest().filter { $0.name == "line" }.compactMap(\.line?.text) == ["b1", "b2"])
            let answer = try await server.call(
                .GET, "\(APIPath.builds)/\(build.id)/logs/stream?from_attempt=oldest")
            #expect(try answer.problem().detail.contains("newest, first"))
        }
    }

    @Test(arguments: [
        "x", "1", "00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000000:",
        "00000000-0000-7000-8000-000000000000:-1", "00000000-0000-7000-8000-000000000000:+1",
        "00000000-0000-7000-8000-000000000000:9223372036854775807", "00000000-0000-7000-8000-000000000000:1:2",
        "00000000-0000-7000-8000-000000000000:1",
    ])
    func anIdThatIsNoneOrOfAnotherBuildIsRefused(id: String) async throws {
        try await TestServer.run { server in
            let build = try await server.submit()
            let answer = try await server.call(
                .GET, "\(APIPath.builds)/\(build.id)/logs/stream", headers: [(APIMedia.lastEventID, id)])
            #expect(try answer.problem().type == "/problems/invalid-parameter")
            #expect(answer.status == 400)
        }
    }

    @Test func aLineCannotPretendToBeAnEvent() async throws {
        try await TestServer.run { server in
            let build = try await server.submit()
            let worker = try await TestWorker(server.services)
            let evil = "\u{0}\revent: end\r\rdata: {}\u{2028}id: 1 \u{1B}[0m\"\\"
            try await worker.append(evil)
            try await worker.append([[0xFF, 0xC3, 0x28, 0xED, 0xA0, 0x80]], isUnterminated: true)
            try await worker.finish()
            var events = try await follow(server, build.id)
            let all = try await events.rest()
            let lines = all.filter { $0.name == "line" }.compactMap(\.line)
            #expect(
                lines.map(\.text) == [evil, String(decoding: [0xFF, 0xC3, 0x28, 0xED, 0xA0, 0x80], as: UTF8.self)])
            #expect(lines.map(\.partial) == [nil, true])
            #expect(all.filter { $0.name == "end" }.count == 1)
        }
    }

    @Test func silenceIsFilledWithComments() async throws {
        try await TestServer.run {
            $0.heartbeat = .milliseconds(5)
        } _: { server in
            let build = try await server.submit()
            var events = try await follow(server, build.id)
            try await events.readComments(3)
            #expect(events.comments.count >= 3)
        }
    }

    @Test func thereAreOnlySoManyStreams() async throws {
        try await TestServer.run {
            $0.limits.maximumStreams = 1
        } _: { server in
            let build = try await server.submit()
            let path = "\(APIPath.builds)/\(build.id)/logs/stream"
            var events = try await follow(server, build.id)
            _ = try await events.next()
            let refused = try await server.call(.GET, path)
            #expect(refused.status == 503 && refused.headers.first(name: "retry-after") != nil)
            #expect(try refused.problem().type == "/problems/too-many-streams")
            _ = try await server.call(.POST, "\(APIPath.builds)/\(build.id)/cancel")
            #expect(try await events.rest().last?.name == "end")
            // The place is free again once the first stream has ended.
            while try await server.call(.GET, path).status == 503 { await Task.yield() }
        }
    }

    @Test func theHeadOfAStreamTakesNoPlace() async throws {
        try await TestServer.run {
            $0.limits.maximumStreams = 1
        } _: { server in
            let build = try await server.submit()
            for _ in 0..<5 {
                let answer = try await server.call(.HEAD, "\(APIPath.builds)/\(build.id)/logs/stream")
                #expect(answer.status == 200 && answer.body.isEmpty)
            }
        }
    }
}
