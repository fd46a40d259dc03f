import APISchema
import AsyncHTTPClient
import BuildDomain
import DequeModule
import NIOCore
import NIOHTTP1
import Orchestration

/// Goes on from connection to connection. Lines are read when they are asked for, so a slow reader holds back the
/// server's sending and nothing piles up here.
public struct FollowIterator: AsyncIteratorProtocol {
    private let transport: Transport
    private let build: BuildID
    private let beginning: LogBeginning
    private let patience: Duration?
    private var state: FollowState
    private var backoff = Backoff()
    private var stream: (bytes: HTTPClientResponse.Body.AsyncIterator, parser: EventParser)?
    private var news: Deque<FollowNews> = []
    private var delay: Duration?
    private var lastContact = ContinuousClock.now
    /// Where lines were missing once; a second time they will not come either.
    private var gap: FollowState.Flaw?

    init(transport: Transport, build: BuildID, position: LogPosition?, beginning: LogBeginning, patience: Duration?) {
        self.transport = transport
        self.build = build
        self.beginning = beginning
        self.patience = patience
        state = FollowState(after: position)
    }

    public mutating func next() async throws -> FollowNews? {
        while true {
            if let next = news.popFirst() { return next }
            if state.hasEnded { return nil }
            do {
                try await receive()
            } catch {
                try Task.checkCancellation()
                return try reconnect(after: APIClientError(error, server: transport.server))
            }
        }
    }

    /// Reads some bytes, over a new connection where there is none.
    private mutating func receive() async throws {
        if let delay {
            try await Task.sleep(for: delay)
            self.delay = nil
        }
        if stream == nil { try await connect() }
        guard var (bytes, parser) = stream else { return }
        guard let buffer = try await bytes.next() else {
            throw APIClientError.interrupted(
                server: transport.server.description, cause: "the server closed it before the build's end")
        }
        let events: [ServerSentEvent]
        do { events = try parser.consume(buffer.readableBytesView) } catch {
            throw unreadable("an event is longer than \(EventParser.eventLimit) bytes")
        }
        if let retry = parser.retry { backoff.base = min(max(retry, .milliseconds(10)), Backoff.maximum) }
        stream = (bytes, parser)
        lastContact = .now
        for event in events { try take(event) }
    }

    private mutating func connect() async throws {
        var call = Call(
            method: .GET, path: "\(APIPath.builds)/\(build)/logs/stream",
            query: [(APIParameter.fromAttempt, beginning.rawValue)], headers: [("Cache-Control", "no-store")],
            accept: APIMedia.events)
        if !state.lastID.isEmpty { call.headers.append((APIMedia.lastEventID, state.lastID)) }
        let response = try await transport.send(call)
        guard response.headers.first(name: "content-type")?.hasPrefix(APIMedia.events) ?? false else {
            throw unreadable("expected a stream of events")
        }
        stream = (response.body.makeAsyncIterator(), EventParser(lastID: state.lastID))
        lastContact = .now
    }

    private mutating func take(_ event: ServerSentEvent) throws(APIClientError) {
        do {
            guard let next = try state.take(event) else { return }
            news.append(next)
            backoff.reset()
        } catch {
            switch error {
            case .unreadable(let detail): throw unreadable(detail)
            case .gap(let last, let next) where error == gap:
                throw unreadable("the log lacks the lines between \(last) and \(next)")
            case .gap:
                gap = error
                throw .interrupted(server: transport.server.description, cause: "lines were missing")
            }
        }
    }

    private mutating func reconnect(after cause: APIClientError) throws -> FollowNews {
        stream = nil
        guard cause.isTransient else { throw cause }
        if let patience, ContinuousClock.now - lastContact > patience { throw cause }
        let delay = backoff.next(chance: .random(in: 0...1))
        self.delay = delay
        // What came before the break is news too, and older than the break.
        news.append(.reconnecting(cause: cause, delay: delay))
        return news.removeFirst()
    }

    private func unreadable(_ detail: String) -> APIClientError {
        .unreadable(server: transport.server.description, detail: detail)
    }
}
