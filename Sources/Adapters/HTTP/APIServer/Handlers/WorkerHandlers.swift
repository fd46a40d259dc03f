import APISchema
import BuildDomain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Orchestration
import ServiceLifecycle

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The control plane's protocol over HTTP, for workers in other processes.
extension API {
    func registerWorker(_ exchange: Exchange) async throws -> Response {
        let registration = try await json(WorkerRegistration.self, of: exchange)
        try registration.check()
        try await ask { () async throws(ControlPlaneError) in try await services.controlPlane.register(registration) }
        return .nothing
    }

    /// Waits for a job. A worker that hangs up meanwhile is noticed, so that no job is given to nobody.
    func claim(_ exchange: Exchange) async throws -> Response {
        let (message, request) = try await watchableJSON(ClaimRequest.self, of: exchange)
        try message.check()
        let controlPlane = services.controlPlane
        let claimed = try await request.untilLeft { try await controlPlane.claim(message) }
        return try .json(encoding: ClaimAnswer(assignments: claimed)).last
    }

    func renew(_ exchange: Exchange) async throws -> Response {
        let (message, request) = try await watchableJSON(RenewRequest.self, of: exchange)
        try message.check()
        let controlPlane = services.controlPlane
        let answers = try await request.untilLeft { try await controlPlane.renew(message) }
        return try .json(encoding: RenewAnswer(answers)).last
    }

    func report(_ exchange: Exchange) async throws -> Response {
        let message = try await json(ReportMessage.self, of: exchange)
        try message.check()
        try await ask { () async throws(ControlPlaneError) in
            try await services.controlPlane.report(message.progress, of: message.reference)
        }
        return .nothing
    }

    func finish(_ exchange: Exchange) async throws -> Response {
        let message = try await json(FinishMessage.self, of: exchange)
        try message.check()
        try await ask { () async throws(ControlPlaneError) in
            try await services.controlPlane.finish(message.reference, progress: message.progress, end: message.end)
        }
        return .nothing
    }

    func appendLog(_ exchange: Exchange) async throws -> Response {
        guard let text = exchange.placeholders.first, let attempt = AttemptID(text) else {
            throw APIFailure.staleAttempt
        }
        let body = try await bytes(APIMedia.logChunk, of: exchange, limit: settings.limits.maximumChunkBytes)
        guard let chunk = ChunkCoding.decode(Array(body.readableBytesView)), chunk.isPlausible else {
            throw APIFailure.invalidBody([FieldProblem(field: "", message: "is not a log chunk")])
        }
        // Only the attempt decides where a chunk goes.
        let reference = AttemptReference(
            build: BuildID(high: 0, low: 0), job: JobID(high: 0, low: 0), attempt: attempt)
        let extent = try await ask(isAppend: true) { () async throws(ControlPlaneError) in
            try await services.controlPlane.append(chunk, to: reference)
        }
        return .json { $0.value(extent) }
    }

    private func ask<Answer>(
        isAppend: Bool = false, _ operation: () async throws(ControlPlaneError) -> Answer
    ) async throws(APIFailure) -> Answer {
        do { return try await operation() } catch { throw APIFailure(error, isAppend: isAppend) }
    }
}

extension Request {
    /// Runs something that may wait long, until the client hangs up or the server shuts down.
    fileprivate func untilLeft<Answer: Sendable>(
        _ operation: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await body.consumeWithCancellationOnInboundClose { _ in
                try await cancelWhenGracefulShutdown(operation)
            }
        } catch let error as ControlPlaneError {
            throw APIFailure(error, isAppend: false)
        }
    }
}

extension Response {
    fileprivate static func json(encoding value: some Encodable) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(value))))
    }
}

extension Response {
    /// The framework closes a connection that was watched. Said beforehand, no client sends its next request into it.
    fileprivate var last: Response {
        var response = self
        response.headers[.connection] = "close"
        return response
    }
}
