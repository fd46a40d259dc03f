import BuildDomain
import Orchestration

extension PostgresStore {
    public func append(_ chunk: LogChunk, to attempt: AttemptID) async throws(StoreError) -> LogExtent {
        let result: Result<LogExtent, StoreError> = await withCheckedContinuation { continuation in
            lane(of: attempt).submit(
                AppendRequest(attempt: attempt, chunk: chunk) { continuation.resume(returning: $0) })
        }
        return try result.get()
    }

    public func log(
        of attempt: AttemptID, from first: Int64, byteLimit: Int
    ) async throws(StoreError) -> [LogChunk] {
        let line = max(1, first)
        return try await read { session in
            var chunks: [LogChunk] = []
            var bytes = 0
            while bytes < max(1, byteLimit) {
                let next = chunks.last.map { $0.end.lines + 1 } ?? line
                let sizes = try LogPage(of: attempt, from: next, byteLimit: byteLimit - bytes, in: session)
                guard let range = sizes.range else { break }
                chunks += try session.query(
                    LogSQL.chunks, [.id(attempt), .int64(range.lowerBound), .int64(range.upperBound)]
                ).rows.map(LogSQL.chunk)
                bytes += sizes.bytes
            }
            return chunks
        }
    }

    public func extent(of attempt: AttemptID) async throws(StoreError) -> LogExtent {
        try await read { session in
            try LogSQL.extents(try session.query(LogSQL.extents, [.ids([attempt])]))[attempt] ?? LogExtent()
        }
    }
}

/// Which chunks to read next, found by their sizes: the bulky columns of the others are not touched.
private struct LogPage {
    /// The first lines of the first and last of them.
    private(set) var range: ClosedRange<Int64>?
    private(set) var bytes = 0

    init(of attempt: AttemptID, from line: Int64, byteLimit: Int, in session: PostgresSession) throws {
        let sizes = try session.query(
            LogSQL.sizes, [.id(attempt), .int64(line), .int64(Int64(PostgresLimits.logPage))])
        for row in sizes.rows {
            let first = try row.int64(0)
            // The chunk before the line ends before it, too: the log has no such line yet.
            if range == nil, first + (try row.int64(1)) <= line { return }
            range = (range?.lowerBound ?? first)...first
            bytes += try row.integer(2)
            if bytes >= byteLimit { return }
        }
    }
}
