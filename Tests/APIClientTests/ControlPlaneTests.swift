import APISchema
import BuildDomain
import Orchestration
import Testing

@testable import APIClient

@Suite struct ControlPlaneTests {
    private let reference = AttemptReference(
        build: BuildID(high: 1, low: 1), job: JobID(high: 1, low: 2), attempt: AttemptID(high: 1, low: 3))
    private let chunk = LogChunk(
        offset: 0, firstLine: 1,
        runs: [LogRun(time: Timestamp(milliseconds: 1), stream: .stdout, step: 1, lines: 1, bytes: 3)],
        text: Array("ab\n".utf8))

    private func with<Value>(
        _ script: [String], _ body: (HTTPControlPlane) async throws -> Value
    ) async throws -> (value: Value, requests: [ScriptedServer.Request]) {
        let server = try ScriptedServer(script)
        defer { server.stop() }
        let controlPlane = HTTPControlPlane(server: try ServerAddress(server.address), token: "secret-token")
        let result: Result<Value, any Error>
        do { result = .success(try await body(controlPlane)) } catch { result = .failure(error) }
        await controlPlane.shutdown()
        return (try result.get(), server.seen)
    }

    /// What an append throws when the server answers like this.
    private func failure(_ answer: String) async throws -> ControlPlaneError? {
        try await with([answer]) { controlPlane in
            await #expect(throws: ControlPlaneError.self) { _ = try await controlPlane.append(chunk, to: reference) }
        }.value
    }

    @Test func anAppendGoesToItsAttemptAsBytes() async throws {
        let (extent, requests) = try await with([Answer.json("{\"length\":3,\"lines\":1}")]) {
            try await $0.append(chunk, to: reference)
        }
        #expect(extent == LogExtent(length: 3, lines: 1))
        let request = try #require(requests.first)
        #expect(request.line == "POST /api/v1/worker/attempts/\(reference.attempt)/log HTTP/1.1")
        #expect(request.header("content-type") == APIMedia.logChunk)
        #expect(request.header("authorization") == "Bearer secret-token")
        #expect(ChunkCoding.decode(request.body) == chunk)
    }

    @Test func everyCallHasItsRoute() async throws {
        let id = WorkerID(high: 2, low: 1)
        let progress = AttemptProgress(commit: nil, steps: [])
        let renewed = "{\"attempts\":[{\"attempt\":\"\(reference.attempt)\",\"answer\":\"cancel\"}]}"
        let (answers, requests) = try await with([
            Answer.empty, Answer.json("{\"assignments\":[]}"), Answer.json(renewed), Answer.empty, Answer.empty,
        ]) { plane in
            try await plane.register(WorkerRegistration(id: id, name: "w", labels: [], capacity: 1, version: "1"))
            let none = try await plane.claim(
                ClaimRequest(worker: WorkerReference(id: id, name: "w"), labels: [], limit: 1, waitMilliseconds: 0))
            #expect(none.isEmpty)
            let answers = try await plane.renew(
                RenewRequest(worker: id, attempts: [reference.attempt], isDraining: false, waitMilliseconds: 0))
            try await plane.report(progress, of: reference)
            try await plane.finish(reference, progress: progress, end: AttemptEnd(outcome: .success, seal: .empty))
            return answers
        }
        #expect(answers == [reference.attempt: .cancel])
        let paths = requests.map { $0.line.split(separator: " ")[1] }
        #expect(paths == ["register", "claim", "renew", "report", "finish"].map { "/api/v1/worker/" + $0 })
    }

    @Test func refusalsBecomeWhatTheWorkerUnderstands() async throws {
        let stored = ",\"stored\":{\"length\":7,\"lines\":2}"
        let extent = LogExtent(length: 7, lines: 2)
        #expect(try await failure(Answer.problem("stale-attempt", 409)) == .stale)
        #expect(try await failure(Answer.problem("not-found", 404)) == .stale)
        #expect(try await failure(Answer.problem("log-gap", 409, more: stored)) == .resume(stored: extent))
        #expect(try await failure(Answer.problem("log-not-sealed", 409, more: stored)) == .resume(stored: extent))
    }

    @Test(arguments: [400, 401, 403, 413, 415])
    func mistakesAreFinal(status: Int) async throws {
        for answer in [Answer.problem("no", status), Answer.json("no", status: "\(status) No", type: "text/plain")] {
            guard case .rejected = try await failure(answer) else {
                Issue.record("\(status) must be final")
                return
            }
        }
    }

    @Test(arguments: [
        Answer.problem("unavailable", 503), Answer.problem("too-many", 429), Answer.problem("broken", 500),
        Answer.json("<html>", status: "404 Not Found", type: "text/html"),
        Answer.json("{\"length\":", status: "200 OK"),
        "",
    ])
    func absenceIsNot(answer: String) async throws {
        guard case .unavailable = try await failure(answer) else {
            Issue.record("the worker must try again after \(answer.debugDescription)")
            return
        }
    }

    @Test func nobodyThereIsAbsence() async throws {
        let controlPlane = HTTPControlPlane(server: try ServerAddress("http://127.0.0.1:1"), token: "secret-token")
        let error = await #expect(throws: ControlPlaneError.self) {
            _ = try await controlPlane.append(chunk, to: reference)
        }
        guard case .unavailable = error else {
            Issue.record("expected .unavailable, got \(String(describing: error))")
            return
        }
        await controlPlane.shutdown()
    }
}
