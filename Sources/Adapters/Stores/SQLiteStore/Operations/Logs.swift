import BuildDomain
import Orchestration

extension SQLiteStore {
    public func append(_ chunk: LogChunk, to attempt: AttemptID) async throws(StoreError) -> LogExtent {
        try await writes.submit(bytes: chunk.text.count) { (sqlite) throws(StoreError) in
            guard try sqlite.isLive(attempt) else { throw .refused(.staleAttempt(attempt)) }
            let stored = try sqlite.extent(of: attempt)
            let new: LogChunk?
            do throws(Refusal) { new = try stored.accept(chunk) } catch { throw .refused(error) }
            guard let new else { return (stored, []) }
            try sqlite.insert(new, of: attempt)
            return (new.end, [])
        }
    }

    public func log(
        of attempt: AttemptID, from first: Int64, byteLimit: Int
    ) async throws(StoreError) -> [LogChunk] {
        try await read { (sqlite) throws(StoreError) in
            var chunks: [LogChunk] = []
            var bytes = 0
            var line = first
            repeat {
                guard let chunk = try sqlite.chunk(of: attempt, containing: line) else { break }
                chunks.append(chunk)
                bytes += chunk.text.count
                line = chunk.end.lines + 1
            } while bytes < byteLimit
            return chunks
        }
    }

    public func extent(of attempt: AttemptID) async throws(StoreError) -> LogExtent {
        try readNow { (sqlite) throws(StoreError) in try sqlite.extent(of: attempt) }
    }
}

private enum LogSQL {
    static let isLive = "SELECT 1 FROM attempts WHERE id = ? AND status = 'running'"

    static let extent = """
        SELECT byte_offset + length, first_line - 1 + line_count FROM build_logs
        WHERE attempt_id = ? ORDER BY first_line DESC LIMIT 1
        """

    static let insert = """
        INSERT INTO build_logs (attempt_id, byte_offset, first_line, line_count, length, runs, text)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """

    /// The last chunk that begins at or before the line; it may end before it.
    static let chunk = """
        SELECT attempt_id, byte_offset, first_line, line_count, runs, text FROM build_logs
        WHERE attempt_id = ? AND first_line <= ? ORDER BY first_line DESC LIMIT 1
        """
}

extension SQLite {
    /// What is stored of an attempt's log; nothing where there is no such attempt.
    func extent(of attempt: AttemptID) throws(StoreError) -> LogExtent {
        try first(LogSQL.extent, [.text(attempt.description)]) { (row) throws(StoreError) in
            LogExtent(length: try row.integer(0), lines: try row.integer(1))
        } ?? LogExtent()
    }

    fileprivate func isLive(_ attempt: AttemptID) throws(StoreError) -> Bool {
        try first(LogSQL.isLive, [.text(attempt.description)]) { (_) throws(StoreError) in true } ?? false
    }

    fileprivate func insert(_ chunk: LogChunk, of attempt: AttemptID) throws(StoreError) {
        try run(
            LogSQL.insert,
            [
                .text(attempt.description), .integer(chunk.offset), .integer(chunk.firstLine),
                .integer(chunk.lineCount), SQLValue(chunk.text.count), .blob(LogRun.encode(chunk.runs)),
                .blob(chunk.text),
            ])
    }

    fileprivate func chunk(of attempt: AttemptID, containing line: Int64) throws(StoreError) -> LogChunk? {
        try first(LogSQL.chunk, [.text(attempt.description), .integer(max(1, line))]) {
            (row) throws(StoreError) -> LogChunk? in
            let row = row.of("build_logs")
            let firstLine = try row.integer(2)
            guard firstLine + (try row.integer(3)) > line else { return nil }
            guard let runs = LogRun.decode(try row.blob(4)) else { throw row.broken(4, "holds no runs") }
            let chunk = LogChunk(offset: try row.integer(1), firstLine: firstLine, runs: runs, text: try row.blob(5))
            guard chunk.hasEnd else { throw row.broken(1, "lies beyond every log") }
            return chunk
        } ?? nil
    }
}
