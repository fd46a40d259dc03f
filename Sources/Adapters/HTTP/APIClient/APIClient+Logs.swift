import APISchema
import AsyncHTTPClient
import BuildDomain
import NIOCore
import NIOHTTP1

/// Which part of a build's log, and how it is written.
public struct LogRequest: Sendable, Hashable {
    public enum Form: Sendable, Hashable {
        /// The lines as they were printed.
        case text
        /// A JSON object for each line (`LineView`).
        case lines
    }

    public var form: Form
    /// The number of the attempt, from 1; the newest where it is not said.
    public var attempt: Int?
    /// The number of the step, from 1; all where it is not said.
    public var step: Int?
    /// The number of the first line, from 1.
    public var fromLine: Int64?
    /// The most lines.
    public var limit: Int?

    public init(
        form: Form = .text, attempt: Int? = nil, step: Int? = nil, fromLine: Int64? = nil, limit: Int? = nil
    ) {
        self.form = form
        self.attempt = attempt
        self.step = step
        self.fromLine = fromLine
        self.limit = limit
    }

    fileprivate var query: [(String, String)] {
        let pairs: [(String, String?)] = [
            ("attempt", attempt.map { String($0) }), ("step", step.map { String($0) }),
            ("from_line", fromLine.map { String($0) }), ("limit", limit.map { String($0) }),
        ]
        return pairs.compactMap { name, value in value.map { (name, $0) } }
    }
}

/// The bytes of an answer as they come. Ends with an ``APIClientError`` when they stop before the end, so that a log
/// that was cut off is never taken for a whole one.
public struct ByteStream: AsyncSequence, Sendable {
    fileprivate let body: HTTPClientResponse.Body
    fileprivate let server: ServerAddress

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(bytes: body.makeAsyncIterator(), server: server)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var bytes: HTTPClientResponse.Body.AsyncIterator
        fileprivate let server: ServerAddress

        public mutating func next() async throws -> [UInt8]? {
            do { return try await bytes.next().map { Array($0.readableBytesView) } } catch {
                throw APIClientError(error, server: server)
            }
        }
    }
}

extension APIClient {
    /// What is stored of the log of a build's job now. Memory stays bounded however long the log is.
    public func logs(of build: BuildID, _ request: LogRequest = LogRequest()) async throws(APIClientError) -> ByteStream
    {
        let response = try await transport.send(
            Call(
                method: .GET, path: "\(APIPath.builds)/\(build)/logs", query: request.query,
                accept: request.form == .text ? "text/plain" : APIMedia.lines))
        return ByteStream(body: response.body, server: server)
    }
}
