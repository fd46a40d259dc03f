import APISchema
import Hummingbird
import HummingbirdCore
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension API {
    /// The whole body, of bytes that are `media`.
    /// - Throws: 413 where it is longer than `limit`, 415 where it says it is something else.
    func bytes(_ media: String, of exchange: Exchange, limit: Int) async throws -> ByteBuffer {
        try exchange.check(media, or: "application/octet-stream")
        return try await collect(exchange, limit: limit).body
    }

    func json<Value: Decodable>(_ type: Value.Type, of exchange: Exchange) async throws -> Value {
        try await watchableJSON(type, of: exchange).value
    }

    /// - Returns: the value, and the request with its body, in which the connection can be watched.
    func watchableJSON<Value: Decodable>(
        _ type: Value.Type, of exchange: Exchange
    ) async throws -> (value: Value, request: Request) {
        try exchange.check("application/json")
        let (body, request) = try await collect(exchange, limit: settings.limits.maximumBodyBytes)
        guard body.readableBytes > 0 else { throw APIFailure.emptyBody }
        do {
            return (try JSONDecoder().decode(type, from: Data(body.readableBytesView)), request)
        } catch let error as DecodingError {
            throw APIFailure(error)
        }
    }

    /// The framework can watch a connection only while the body is unread, or once it is part of the request.
    func collect(_ exchange: Exchange, limit: Int) async throws -> (body: ByteBuffer, request: Request) {
        var request = exchange.request
        let announced = request.headers[.contentLength].flatMap { Int($0) }
        // Nobody may hold a connection by sending a byte now and then.
        let channel = exchange.context.channel
        let alarm = channel.eventLoop.scheduleTask(in: settings.limits.bodyTimeout.timeAmount) {
            channel.close(promise: nil)
        }
        defer { alarm.cancel() }
        if let announced, announced > limit {
            // A client that is hung up on while it sends may never see the answer, so a body that is only somewhat too
            // long is taken off the wire first.
            if announced <= limit + settings.limits.discardedBytes { for try await _ in request.body {} }
            throw APIFailure.bodyTooLarge(limit: limit)
        }
        let body: ByteBuffer
        do { body = try await request.collectBody(upTo: limit) } catch is NIOTooManyBytesError {
            throw APIFailure.bodyTooLarge(limit: limit)
        }
        // A connection that breaks ends the body like a complete one.
        if let announced, body.readableBytes != announced { throw APIFailure.incompleteBody }
        return (body, request)
    }
}

extension Exchange {
    fileprivate func check(_ media: String, or alternative: String? = nil) throws(APIFailure) {
        guard let type = request.headers[.contentType], !isSame(type, media), !isSame(type, alternative) else { return }
        throw .unsupportedMediaType(type, expected: media)
    }

    private func isSame(_ header: String, _ media: String?) -> Bool {
        header.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace } == media
    }
}

extension APIFailure {
    fileprivate init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self = .invalidBody([FieldProblem(field: (context.codingPath + [key]).dotted, message: "is missing")])
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            self = .invalidBody([FieldProblem(field: context.codingPath.dotted, message: context.debugDescription)])
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            self = .invalidBody([FieldProblem(field: context.codingPath.dotted, message: context.debugDescription)])
        case .dataCorrupted: self = .invalidJSON
        @unknown default: self = .invalidJSON
        }
    }
}

extension [any CodingKey] {
    fileprivate var dotted: String {
        reduce("") { path, key in
            if let index = key.intValue { return "\(path)[\(index)]" }
            return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
        }
    }
}
