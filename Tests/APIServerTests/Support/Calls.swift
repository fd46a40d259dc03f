import APISchema
import AsyncHTTPClient
import BuildDomain
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// An answer with its whole body.
struct Answer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body))
    }

    /// The problem document, held against what every one of them must be.
    func problem(_ location: SourceLocation = #_sourceLocation) throws -> Problem {
        #expect(headers.first(name: "content-type") == APIMedia.problem, sourceLocation: location)
        let problem = try decode(Problem.self)
        #expect(problem.status == status, sourceLocation: location)
        #expect(problem.type.hasPrefix("/problems/"), sourceLocation: location)
        #expect(!problem.title.isEmpty && problem.detail.count > 10, sourceLocation: location)
        #expect(headers.first(name: "x-request-id") != nil, sourceLocation: location)
        #expect(headers.first(name: "x-content-type-options") == "nosniff", sourceLocation: location)
        return problem
    }
}

extension TestServer {
    func call(
        _ method: HTTPMethod, _ path: String, as role: Role? = .admin, json: String? = nil, bytes: [UInt8]? = nil,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        let response = try await open(method, path, as: role, json: json, bytes: bytes, headers: headers)
        let body = try await response.body.collect(upTo: 64 * 1024 * 1024)
        return Answer(status: Int(response.status.code), headers: response.headers, body: Array(body.readableBytesView))
    }

    /// The answer's head, with the body still to come.
    func open(
        _ method: HTTPMethod, _ path: String, as role: Role? = .admin, json: String? = nil, bytes: [UInt8]? = nil,
        headers: [(String, String)] = []
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        if let role, let token = tokens[role] { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let json {
            request.body = .bytes(Array(json.utf8))
            if request.headers["Content-Type"].isEmpty {
                request.headers.add(name: "Content-Type", value: "application/json")
            }
        }
        if let bytes { request.body = .bytes(bytes) }
        return try await client.execute(request, timeout: .seconds(60))
    }

    static let smallBuild = #"{"repo_url": "https://example.org/a.git", "ref": "main", "command": "make"}"#

    func submit(_ json: String = smallBuild) async throws -> BuildView {
        let answer = try await call(.POST, APIPath.builds, json: json)
        #expect(answer.status == 201, "\(answer.text)")
        return try answer.decode()
    }
}
