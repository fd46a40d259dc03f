import APISchema
import BuildDomain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Orchestration
import ServiceLifecycle

extension API {
    /// Server-sent events: `line` with an id to resume at, `state` when the build changed, `end` at last.
    func followLog(_ exchange: Exchange) async throws -> Response {
        let offered = [APIMedia.events]
        guard AcceptHeader.choose(exchange.request.headers[.accept], from: offered) != nil else {
            throw APIFailure.notAcceptable(offered)
        }
        let position = try exchange.lastPosition()
        let beginning: LogBeginning = try exchange.query.choice(APIParameter.fromAttempt) ?? .newest
        let build = try await services.readBuilds.build(try exchange.id())
        let job = try build.job(following: position, or: exchange.query.text("job"))
        guard let permit = streams.enter() else { throw APIFailure.tooManyStreams(limit: streams.limit) }
        let follower = services.followLog(
            build: build.id, job: job.id, after: position, from: beginning, patience: settings.heartbeat)
        let stream = LogStreaming(
            follower: follower, renderBytes: settings.limits.renderBytes,
            writesPerSecond: settings.limits.streamWritesPerSecond, permit: permit)
        // No stream needs a body, but one that comes must not stand in the way.
        let request = try await collect(exchange, limit: settings.limits.maximumBodyBytes).request
        let body = ResponseBody { writer in
            try await stream.run(of: request, to: &writer)
            try await writer.finish(nil)
        }
        exchange.context.channel.triggerUserOutboundEvent(ConnectionWatch.StreamBegins(), promise: nil)
        // The connection has nothing to give after the stream, and proxies must not hold events back.
        let headers: HTTPFields = [.contentType: APIMedia.events, .connection: "close", .accelBuffering: "no"]
        return Response(status: .ok, headers: headers, body: body)
    }
}

extension Exchange {
    /// The line that the client saw last: by header, as browsers send it when they reconnect, or by parameter.
    fileprivate func lastPosition() throws(APIFailure) -> LogPosition? {
        let header = request.headers[.lastEventID]
        guard let text = header ?? query.text("last_event_id"), !text.isEmpty else { return nil }
        guard let position = LogPosition(eventID: text) else {
            throw .invalidParameter(
                header == nil ? "last_event_id" : APIMedia.lastEventID,
                "must be the id of a line's event, <attempt-id>:<line-number>; got \(text.prefix(80).debugDescription)"
            )
        }
        return position
    }
}

extension Build {
    fileprivate func job(following position: LogPosition?, or name: String?) throws(APIFailure) -> Job {
        guard let position else { return try job(name) }
        guard let job = jobs.first(where: { $0.attempts.contains { $0.id == position.attempt } }) else {
            throw .invalidParameter(
                APIMedia.lastEventID, "names attempt \(position.attempt), which does not belong to this build")
        }
        return job
    }
}

/// One client's stream of a log.
struct LogStreaming: Sendable {
    let follower: LogFollower
    let renderBytes: Int
    let writesPerSecond: Int
    let permit: StreamGate.Permit

    /// Safe because one task at a time uses the writer: the following one, and after its end the one that waits for it.
    private struct Handover: @unchecked Sendable {
        var writer: any ResponseBodyWriter
    }

    /// Streams until the build has ended, the client has left or the server shuts down. Nothing is kept for a slow
    /// client: each write waits until the one before has gone out.
    func run(of request: Request, to writer: inout any ResponseBodyWriter) async throws {
        let handover = Handover(writer: writer)
        // A task of its own, because a shutdown must be able to cancel the waiting without cancelling the last write.
        let following = Task { try await follow(handover) }
        let hasEnded: Bool
        do {
            hasEnded = try await request.body.consumeWithInboundCloseHandler { _ in
                try await withTaskCancellationOrGracefulShutdownHandler {
                    try await following.value
                } onCancelOrGracefulShutdown: {
                    following.cancel()
                }
            } onInboundClosed: {
                following.cancel()
            }
        } catch is CancellationError {
            hasEnded = false
        }
        if !hasEnded, !Task.isCancelled {
            try await writer.write(ByteBuffer(staticString: ": the server is going away; come back\nretry: 1000\n\n"))
        }
    }

    /// - Returns: whether the build has ended, in contrast to being cancelled.
    private func follow(_ handover: Handover) async throws -> Bool {
        var writer = handover.writer
        var follower = follower
        var pacer = Pacer(perSecond: writesPerSecond, now: .now)
        try await writer.write(ByteBuffer(staticString: "retry: 1000\n\n"))
        while let news = try await follower.next() {
            switch news {
            case .quiet: try await writer.write(ByteBuffer(staticString: ": still here\n\n"))
            case .state(let build): try await writer.write(event("state", build))
            case .end(let build):
                try await writer.write(event("end", build))
                return true
            case .lines(let attempt, let after, let chunks):
                try await write(chunks, after: after, of: attempt, to: &writer)
                if let pause = pacer.pause(now: .now) { try await Task.sleep(for: pause) }
            }
        }
        return false
    }

    private func event(_ name: StaticString, _ build: Build) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 2048)
        buffer.writeEvent(name, build)
        return buffer
    }

    private func write(
        _ chunks: [LogChunk], after line: Int64, of attempt: AttemptID, to writer: inout any ResponseBodyWriter
    ) async throws {
        var buffer = ByteBuffer()
        for chunk in chunks {
            var cursor = LineCursor(chunk, from: line + 1)
            while true {
                cursor.render(.events(attempt), upTo: renderBytes, into: &buffer)
                guard buffer.readableBytes >= renderBytes else { break }
                try await writer.write(buffer)
                buffer = ByteBuffer()
            }
        }
        if buffer.readableBytes > 0 { try await writer.write(buffer) }
    }
}
