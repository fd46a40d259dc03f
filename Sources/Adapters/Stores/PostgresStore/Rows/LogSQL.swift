import BuildDomain
import Orchestration

/// The statements about logs.
enum LogSQL {
    /// Who appends to a log holds its attempt: an end and an append, or two appends, come one after the other.
    static let lockLive = """
        SELECT id FROM attempts WHERE id = ANY($1) AND status = 'running' ORDER BY id FOR NO KEY UPDATE
        """

    /// Where each log ends; no row for one without a chunk.
    static let extents = """
        SELECT wanted.id, last.length, last.lines FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
            SELECT byte_offset + length AS length, first_line - 1 + line_count AS lines FROM build_logs
            WHERE attempt_id = wanted.id ORDER BY first_line DESC LIMIT 1
        ) AS last
        """

    static func extents(_ result: PostgresResult) throws -> [AttemptID: LogExtent] {
        var extents: [AttemptID: LogExtent] = [:]
        for row in result.rows {
            extents[try row.identifier(0)] = LogExtent(length: try row.int64(1), lines: try row.int64(2))
        }
        return extents
    }

    /// The sizes of the chunks from the one on that begins with or contains a line.
    static let sizes = """
        SELECT first_line, line_count, length FROM build_logs
        WHERE attempt_id = $1 AND first_line >= coalesce(
            (SELECT first_line FROM build_logs WHERE attempt_id = $1 AND first_line <= $2
            ORDER BY first_line DESC LIMIT 1), $2)
        ORDER BY first_line LIMIT $3
        """

    static let chunks = """
        SELECT byte_offset, first_line, runs, text FROM build_logs
        WHERE attempt_id = $1 AND first_line BETWEEN $2 AND $3 ORDER BY first_line
        """

    static func chunk(_ row: PostgresRow) throws -> LogChunk {
        guard let runs = LogRun.decode(try row.bytes(2)) else { throw row.mismatch(2, "holds no runs") }
        let chunk = LogChunk(
            offset: try row.int64(0), firstLine: try row.int64(1), runs: runs, text: try row.bytes(3))
        guard chunk.hasEnd else { throw row.mismatch(0, "lies beyond every log") }
        return chunk
    }
}

extension PostgresStatement {
    static func insert(chunks rows: [(attempt: AttemptID, chunk: LogChunk)]) -> PostgresStatement {
        let chunks = rows.map(\.chunk)
        return PostgresStatement(
            """
            INSERT INTO build_logs (attempt_id, byte_offset, first_line, line_count, length, runs, text)
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[],
                $7::bytea[])
            """,
            [
                .ids(rows.map(\.attempt)), .int64Array(chunks.map(\.offset)), .int64Array(chunks.map(\.firstLine)),
                .int64Array(chunks.map(\.lineCount)), .integers(chunks.map(\.text.count)),
                .bytesArray(chunks.map { LogRun.encode($0.runs) }), .bytesArray(chunks.map(\.text)),
            ])
    }
}
