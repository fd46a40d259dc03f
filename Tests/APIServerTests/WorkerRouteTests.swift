import APISchema
import BuildDomain
import Crypto
import Foundation
import NIOHTTP1
import Orchestration
import Testing

@testable import APIServer

@Suite struct WorkerRouteTests {
    private let worker = WorkerReference(id: WorkerID(high: 7, low: 8), name: "w1")

    private func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    private func post(_ server: TestServer, _ call: String, _ body: some Encodable) async throws -> Answer {
        try await server.call(.POST, "\(APIPath.worker)/\(call)", as: .worker, json: try json(body))
    }

    private func append(_ server: TestServer, _ chunk: LogChunk, _ attempt: AttemptID) async throws -> Answer {
        try await server.call(
            .POST, "\(APIPath.worker)/attempts/\(attempt)/log", as: .worker, bytes: ChunkCoding.encode(chunk),
            headers: [("Content-Type", APIMedia.logChunk)])
    }

    private func chunk(_ text: String, offset: Int64 = 0, firstLine: Int64 = 1) -> LogChunk {
        let bytes = Array(text.utf8)
        let run = LogRun(
            time: Timestamp(milliseconds: 5), stream: .stdout, step: 1, lines: bytes.count { $0 == 10 },
            bytes: bytes.count)
        return LogChunk(offset: offset, firstLine: firstLine, runs: [run], text: bytes)
    }

    private func claim(_ server: TestServer, wait: Int64 = 0) async throws -> [Assignment] {
        let answer = try await post(
            server, "claim", ClaimRequest(worker: worker, labels: [], limit: 5, waitMilliseconds: wait))
        #expect(answer.status == 200)
        return try answer.decode(ClaimAnswer.self).assignments
    }

    @Test func aJobIsWorkedFromStartToEnd() async throws {
        try await TestServer.run { server in
            let registration = WorkerRegistration(id: worker.id, name: "w1", labels: [], capacity: 2, version: "1")
            #expect(try await post(server, "register", registration).status == 204)
            #expect(try await claim(server).isEmpty)
            let build = try await server.submit()
            let assignment = try #require(try await claim(server).first)
            let reference = assignment.reference
            #expect(reference.build == build.id && assignment.attemptNumber == 1)
            let renewed = try await post(
                server, "renew",
                RenewRequest(worker: worker.id, attempts: [reference.attempt], isDraining: false, waitMilliseconds: 0))
            #expect(try renewed.decode(RenewAnswer.self).byAttempt == [reference.attempt: .held])
            let progress = AttemptProgress(commit: nil, steps: [Step(name: "checkout")])
            #expect(
                try await post(server, "report", ReportMessage(reference: reference, progress: progress)).status == 204)
            for _ in 0..<2 {
                let stored = try await append(server, chunk("one\ntwo\n"), reference.attempt)
                #expect(try stored.decode(LogExtent.self) == LogExtent(length: 8, lines: 2))
            }
            let workers: Page<WorkerView> = try await server.call(.GET, APIPath.workers, as: .reader).decode()
            #expect(workers.items.map(\.name) == ["w1"] && workers.items.map(\.running) == [1])
            #expect(workers.items.first?.status == "online")
            let seal = LogSeal(
                extent: LogExtent(length: 8, lines: 2), sha256: hexadecimal(SHA256.hash(data: Array("one\ntwo\n".utf8)))
            )
            let end = AttemptEnd(outcome: .success, exitCode: 0, seal: seal)
            for _ in 0..<2 {
                let message = FinishMessage(reference: reference, progress: progress, end: end)
                #expect(try await post(server, "finish", message).status == 204)
            }
            let ended: BuildView = try await server.call(.GET, "\(APIPath.builds)/\(build.id)").decode()
            #expect(ended.status == .success && ended.exitCode == 0 && ended.lockedBy == "w1")
        }
    }

    @Test func whatIsRefusedSaysWhereToGoOn() async throws {
        try await TestServer.run { server in
            _ = try await server.submit()
            let reference = try #require(try await claim(server).first).reference
            _ = try await append(server, chunk("one\n"), reference.attempt)
            let stored = LogExtent(length: 4, lines: 1)
            let gap = try await append(server, chunk("x\n", offset: 10, firstLine: 9), reference.attempt)
            #expect(gap.status == 409)
            #expect(try gap.problem().type == "/problems/log-gap" && gap.problem().stored == stored)
            let conflict = try await append(server, chunk("x\n", offset: 4, firstLine: 9), reference.attempt)
            #expect(try conflict.problem().type == "/problems/log-conflict")
            let message = FinishMessage(
                reference: reference, progress: AttemptProgress(commit: nil, steps: []),
                end: AttemptEnd(outcome: .success, seal: .empty))
            let unsealed = try await post(server, "finish", message)
            #expect(unsealed.status == 409)
            #expect(try unsealed.problem().type == "/problems/log-not-sealed" && unsealed.problem().stored == stored)
            let stale = try await append(server, chunk("x\n"), AttemptID(high: 3, low: 4))
            #expect(stale.status == 409)
            #expect(try stale.problem().type == "/problems/stale-attempt")
            var other = reference
            other.attempt = AttemptID(high: 3, low: 4)
            let report = try await post(
                server, "report", ReportMessage(reference: other, progress: AttemptProgress(commit: nil, steps: [])))
            #expect(try report.problem().type == "/problems/stale-attempt")
        }
    }

    @Test func chunksThatAreNoneAreRefusedBeforeTheyDoHarm() async throws {
        try await TestServer.run { server in
            _ = try await server.submit()
            let attempt = try #require(try await claim(server).first).reference.attempt
            let chunks = [
                chunk("a\n", offset: .max), chunk("a\n", offset: -1), chunk("a\n", firstLine: .max),
                chunk("a\n", firstLine: 0), chunk("a\n", firstLine: .min),
            ]
            for chunk in chunks { #expect(try await append(server, chunk, attempt).problem().status == 400) }
            let path = "\(APIPath.worker)/attempts/\(attempt)/log"
            let type = [("Content-Type", APIMedia.logChunk)]
            for bytes in [[], [1, 2, 3], [UInt8](repeating: 0xFF, count: 100)] {
                #expect(
                    try await server.call(.POST, path, as: .worker, bytes: bytes, headers: type).problem().status == 400
                )
            }
            #expect(try await server.call(.POST, path, as: .worker, json: "{}").problem().status == 415)
            let large = [UInt8](repeating: 0, count: 2 * LogChunk.maximumBytes + 1)
            #expect(
                try await server.call(.POST, path, as: .worker, bytes: large, headers: type).problem().status == 413)
        }
    }

    @Test func aClaimWaitsForAJob() async throws {
        try await TestServer.run { server in
            async let claimed = claim(server, wait: 30_000)
            let build = try await server.submit()
            #expect(try await claimed.first?.reference.build == build.id)
        }
    }

    @Test func aWorkerThatHangsUpGetsNoJob() async throws {
        try await TestServer.run { server in
            let waiting = Task { try await claim(server, wait: 30_000) }
            // The claim is at the server once it listens for jobs.
            while server.hub.topicCount == 0 { await Task.yield() }
            waiting.cancel()
            _ = try? await waiting.value
            while server.hub.topicCount > 0 { await Task.yield() }
            let build = try await server.submit()
            let view: BuildView = try await server.call(.GET, "\(APIPath.builds)/\(build.id)").decode()
            #expect(view.status == .pending)
        }
    }

    @Test func messagesOfTheWrongShapeAreNamed() async throws {
        try await TestServer.run { server in
            let bad: [(String, String, String)] = [
                ("claim", #"{"worker": 1}"#, "worker"),
                (
                    "claim",
                    #"{"worker": {"id": "01890000-0000-7000-8000-000000000000", "name": ""}, "labels": ["a b"], "#
                        + #""limit": 0, "wait_ms": -1}"#, "limit"
                ),
                (
                    "register",
                    #"{"id": "01890000-0000-7000-8000-000000000000", "name": "a\u0000", "labels": [], "#
                        + #""capacity": 0, "version": "1", "is_draining": false, "holding": []}"#, "capacity"
                ),
                (
                    "renew",
                    #"{"worker": "x", "attempts": [], "stopping": [], "is_draining": false, "wait_ms": 0}"#, "worker"
                ),
                ("report", "{}", "reference"), ("finish", #"{"reference": {}}"#, "reference.build_id"),
            ]
            for (call, body, field) in bad {
                let answer = try await server.call(.POST, "\(APIPath.worker)/\(call)", as: .worker, json: body)
                #expect(answer.status == 400)
                #expect(try answer.problem().errors?.contains { $0.field == field } == true, "\(call) \(answer.text)")
            }
        }
    }
}
