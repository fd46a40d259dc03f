import APISchema
import BuildDomain
import Orchestration
import Testing
@testable import APIClient

@Suite struct FollowTests {
    private let path = "/api/v1/builds/\(Sample.build)/logs/stream"
    private let attempt = AttemptID(high: 0x0199_3B5E_0A52_7C61, low: 0x9A64_0D6F_5B7D_0001)

    /// Follows over the connections of `script` and returns the numbers of the lines and what else was heard.
    private func follow(
        _ script: [String], from beginning: LogBeginning = .newest, patience: Duration? = nil
    ) async throws -> (lines: [Int64], others: [String], requests: [ScriptedServer.Request]) {
        let server = try ScriptedServer(script)
        defer { server.stop() }
        return try await withClient(of: server) { client in
            var lines: [Int64] = []
            var others: [String] = []
            for try await news in client.follow(Sample.build, from: beginning, patience: patience) {
                switch news {
                case .line(let line): lines.append(line.number)
                case .state(let build): others.append("state \(build.status)")
                case .end(let build): others.append("end \(build.status)")
                case .reconnecting: others.append("reconnecting")
                }
            }
            return (lines, others, server.seen)
        }
    }

    @Test func goesOnAfterEveryBreakWithoutLosingOrRepeatingALine() async throws {
        let retry = "retry: 10\n\n"
        let cutOff = String(Sample.lineEvent(4, of: attempt).dropLast(7))
        let (lines, others, requests) = try await follow([
            Answer.events(retry, Sample.lineEvent(1, of: attempt), Sample.lineEvent(2, of: attempt)),
            // Repeats what was seen, and ends in the middle of an event.
            Answer.events(
                retry, Sample.buildEvent("state", "running"), Sample.lineEvent(2, of: attempt),
                Sample.lineEvent(3, of: attempt), cutOff),
            Answer.problem("unavailable", 503),
            // A line is missing: asked for again.
            Answer.events(retry, Sample.lineEvent(5, of: attempt)),
            Answer.events(
                ": hello\n\n", Sample.buildEvent("state", "running"), Sample.lineEvent(4, of: attempt),
                Sample.lineEvent(5, of: attempt), Sample.buildEvent("end", "success")),
        ])
        #expect(lines == [1, 2, 3, 4, 5])
        #expect(others.filter { $0 != "reconnecting" } == ["state running", "end success"])
        #expect(others.count { $0 == "reconnecting" } == 4)
        let ids = requests.map { $0.header("last-event-id") }
        #expect(ids == [nil, "\(attempt):2", "\(attempt):3", "\(attempt):3", "\(attempt):3"])
        #expect(requests.allSatisfy { $0.header("authorization") == "Bearer secret-token" })
        #expect(requests.first?.line == "GET \(path)?from_attempt=newest HTTP/1.1")
    }

    @Test func whoWantsTheFirstAttemptSaysSoUntilALineHasCome() async throws {
        let retry = "retry: 10\n\n"
        let (lines, _, requests) = try await follow(
            [
                Answer.events(retry, Sample.buildEvent("state", "running")),
                Answer.events(retry, Sample.lineEvent(1, of: attempt)),
                Answer.events(Sample.lineEvent(2, of: attempt), Sample.buildEvent("end", "success")),
            ], from: .first)
        #expect(lines == [1, 2])
        #expect(requests.map(\.line) == Array(repeating: "GET \(path)?from_attempt=first HTTP/1.1", count: 3))
        #expect(requests.map { $0.header("last-event-id") } == [nil, nil, "\(attempt):1"])
    }

    @Test(arguments: [401, 403, 404])
    func givesUpWhereGoingOnIsNoUse(status: Int) async throws {
        let error = await #expect(throws: APIClientError.self) {
            _ = try await follow([
                Answer.events("retry: 10\n\n", Sample.lineEvent(1, of: attempt)), Answer.problem("no", status),
            ])
        }
        #expect(error?.status == status)
    }

    @Test func linesThatNeverComeAreAnError() async throws {
        let gap = Answer.events("retry: 10\n\n", Sample.lineEvent(3, of: attempt))
        let error = await #expect(throws: APIClientError.self) { _ = try await follow([gap, gap, gap]) }
        #expect(error?.description.contains("lacks the lines") == true)
    }

    @Test func givesUpAfterThePatienceIsOver() async throws {
        let error = await #expect(throws: APIClientError.self) {
            _ = try await follow([Answer.events("retry: 10\n\n")], patience: .milliseconds(50))
        }
        guard case .unreachable = error else {
            Issue.record("expected that it could not be reached, got \(String(describing: error))")
            return
        }
    }

    @Test func stopsWithItsTask() async throws {
        let client = APIClient(server: try ServerAddress("http://127.0.0.1:1"), token: nil)
        let following = Task {
            for try await _ in client.follow(Sample.build) {}
        }
        following.cancel()
        await #expect(throws: CancellationError.self) { try await following.value }
        await client.shutdown()
    }
}

/// Connects to `server`, and disconnects.
func withClient<Value>(
    of server: ScriptedServer, _ body: (APIClient) async throws -> Value
) async throws -> Value {
    let client = APIClient(server: try ServerAddress(server.address), token: "secret-token")
    let result: Result<Value, any Error>
    do { result = .success(try await body(client)) } catch { result = .failure(error) }
    await client.shutdown()
    return try result.get()
}
