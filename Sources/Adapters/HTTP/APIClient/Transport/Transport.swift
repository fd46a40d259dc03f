import APISchema
import AsyncHTTPClient
import BuildDomain
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Sends calls to one server with one token over one pool of connections.
struct Transport: Sendable {
    /// Bytes of a JSON answer; a page of builds has some hundred kilobytes at most.
    static let answerLimit = 32 * 1024 * 1024
    private static let problemLimit = 256 * 1024

    let server: ServerAddress
    private let token: String?
    private let client: HTTPClient

    /// - Parameter silence: how long nothing may come while an answer is awaited or read.
    init(server: ServerAddress, token: String?, silence: Duration, connections: Int = 8) {
        var configuration = HTTPClient.Configuration()
        // The server's address is what was named, and a token must not follow a redirect to another.
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: .seconds(10), read: .milliseconds(silence.wholeMilliseconds))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        // Retrying is the caller's business: people want to hear at once that nobody listens.
        configuration.connectionPool.retryConnectionEstablishment = false
        // One connection for each call in progress, so that none waits behind a long poll.
        configuration.httpVersion = .http1Only
        self.server = server
        self.token = token
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async {
        // Fails only where it was shut down before.
        try? await client.shutdown()
    }

    /// - Returns: the answer, whose status is 2xx.
    func send(_ call: Call) async throws(APIClientError) -> HTTPClientResponse {
        let request = try makeRequest(call)
        let response = try await execute(request, call)
        guard !(200..<300).contains(response.status.code) else { return response }
        throw await failure(response)
    }

    /// Sends and reads the whole answer.
    func fetch(_ call: Call) async throws(APIClientError) -> ByteBuffer {
        let response = try await send(call)
        do { return try await response.body.collect(upTo: Self.answerLimit) } catch {
            throw APIClientError(error, server: server)
        }
    }

    func fetch<Answer: Decodable>(_ call: Call, as type: Answer.Type) async throws(APIClientError) -> Answer {
        try decode(type, from: Data(try await fetch(call).readableBytesView))
    }

    func decode<Answer: Decodable>(_ type: Answer.Type, from data: Data) throws(APIClientError) -> Answer {
        do { return try JSONDecoder().decode(type, from: data) } catch {
            throw .unreadable(server: server.description, detail: "\(error)")
        }
    }

    func encode(_ body: some Encodable) throws(APIClientError) -> [UInt8] {
        do { return Array(try JSONEncoder().encode(body)) } catch {
            throw .unreadable(server: server.description, detail: "the request cannot be written as JSON: \(error)")
        }
    }

    private func makeRequest(_ call: Call) throws(APIClientError) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: server.description + call.target)
        request.method = call.method
        request.headers.add(name: "Accept", value: call.accept)
        request.headers.add(name: "User-Agent", value: "mini-ci")
        if let token {
            guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .unusableToken }
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
        }
        for (name, value) in call.headers { request.headers.add(name: name, value: value) }
        if let body = call.body {
            request.headers.add(name: "Content-Type", value: call.contentType)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return request
    }

    private func execute(_ request: HTTPClientRequest, _ call: Call) async throws(APIClientError) -> HTTPClientResponse
    {
        let patience = TimeAmount.milliseconds(call.patience.wholeMilliseconds)
        do { return try await client.execute(request, timeout: patience) } catch {
            let isDeadConnection = error as? HTTPClientError == .remoteConnectionClosed || error is ChannelError
            guard call.isRepeatable, isDeadConnection else {
                throw APIClientError(error, server: server)
            }
        }
        do { return try await client.execute(request, timeout: patience) } catch {
            throw APIClientError(error, server: server)
        }
    }

    private func failure(_ response: HTTPClientResponse) async -> APIClientError {
        let status = Int(response.status.code)
        let body: ByteBuffer
        do { body = try await response.body.collect(upTo: Self.problemLimit) } catch {
            return APIClientError(error, server: server)
        }
        let isProblem = response.headers.first(name: "content-type")?.hasPrefix(APIMedia.problem) ?? false
        if isProblem, var problem = try? decode(Problem.self, from: Data(body.readableBytesView)) {
            problem.status = status
            return .refused(server: server.description, problem)
        }
        if (300..<400).contains(status) {
            let target = response.headers.first(name: "location").map { " to \($0)" } ?? ""
            return .unexpected(
                server: server.description, status: status,
                detail: "it redirects\(target), and redirects are not followed; name the right address")
        }
        return .unexpected(
            server: server.description, status: status, detail: Self.firstLine(body, or: response.status.reasonPhrase))
    }

    private static func firstLine(_ body: ByteBuffer, or fallback: String) -> String {
        let line = body.readableBytesView.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }.prefix(200)
        let isPlain = !line.isEmpty && line.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        return isPlain ? String(decoding: line, as: UTF8.self) : fallback
    }
}
