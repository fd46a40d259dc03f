import APISchema
import BuildDomain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Orchestration

extension API {
    private static let plainText = "text/plain"

    /// The log as it is now, as bytes or as JSON lines; read and sent piece by piece, so its size does not matter.
    func readLog(_ exchange: Exchange) async throws -> Response {
        let query = exchange.query
        let accept = exchange.request.headers[.accept]
        let offered = [Self.plainText, APIMedia.lines]
        guard let media = AcceptHeader.choose(accept, from: offered) else { throw APIFailure.notAcceptable(offered) }
        let first = try query.integer("from_line", in: 1...LogPosition.maximumLine) ?? 1
        let limit = try query.integer("limit", in: 1...LogPosition.maximumLine)
        let step = try query.integer("step", in: 0...Int64(UInt16.max)).map { Int($0) }
        let build = try await services.readBuilds.build(try exchange.id())
        let attempt = try build.job(query.text("job")).attempt(query.text("attempt"))
        let piece = LogPiece(
            form: media == APIMedia.lines ? .lines : .text, first: first, limit: limit, step: step,
            renderBytes: settings.limits.renderBytes)
        let read = services.readLog
        let body = ResponseBody { writer in
            if let attempt {
                try await piece.forEachBuffer(of: attempt.id, read: read) { try await writer.write($0) }
            }
            try await writer.finish(nil)
        }
        let type = media == APIMedia.lines ? media : "text/plain; charset=utf-8"
        return Response(status: .ok, headers: [.contentType: type], body: body)
    }
}

/// What of a log is wanted, and how.
struct LogPiece: Sendable {
    var form: LineForm
    var first: Int64
    /// The most lines; of the step, where one is asked for.
    var limit: Int64?
    var step: Int?
    var renderBytes: Int

    /// Renders what there is now and hands it over buffer by buffer, never more than one at a time.
    func forEachBuffer(
        of attempt: AttemptID, read: ReadLog, _ body: (ByteBuffer) async throws -> Void
    ) async throws {
        var from = first
        var left = limit ?? .max
        while left > 0 {
            let chunks = try await read(of: attempt, from: from)
            guard let last = chunks.last, last.end.lines >= from else { return }
            for chunk in chunks where left > 0 {
                var cursor = LineCursor(chunk, from: from)
                while left > 0 {
                    var buffer = ByteBufferAllocator().buffer(capacity: min(renderBytes, chunk.text.count) + 1024)
                    left -= renderPiece(&cursor, left: left, into: &buffer)
                    if buffer.readableBytes == 0 { break }
                    try await body(buffer)
                }
            }
            from = last.end.lines + 1
        }
    }

    /// - Returns: how many lines were rendered.
    private func renderPiece(_ cursor: inout LineCursor, left: Int64, into buffer: inout ByteBuffer) -> Int64 {
        guard step != nil else {
            let before = cursor.number
            let last = left > .max - before ? .max : before + left - 1
            cursor.render(form, through: last, upTo: renderBytes, into: &buffer)
            return cursor.number - before
        }
        // Lines of other steps do not count, so a limit is watched line by line.
        var rendered: Int64 = 0
        while rendered < left, buffer.readableBytes < renderBytes {
            let before = (buffer.readableBytes, cursor.number)
            cursor.render(form, step: step, through: cursor.number, upTo: .max, into: &buffer)
            if cursor.number == before.1 { break }
            if buffer.readableBytes > before.0 { rendered += 1 }
        }
        return rendered
    }
}
