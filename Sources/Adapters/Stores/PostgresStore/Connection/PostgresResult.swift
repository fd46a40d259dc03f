import CLibPQ

/// The answer to one statement. It belongs to the connection's thread: read what is needed and return that.
final class PostgresResult {
    let raw: OpaquePointer

    /// Takes ownership of a `PGresult`.
    init(owning raw: OpaquePointer) { self.raw = raw }

    deinit { PQclear(raw) }

    /// The number of rows returned.
    var count: Int { Int(PQntuples(raw)) }

    /// Rows inserted, updated, deleted or selected; 0 for statements that do none of these.
    var affectedRows: Int { Int(String(cString: PQcmdTuples(raw))) ?? 0 }

    /// What was done, such as `COMMIT` or `INSERT 0 1`.
    var commandTag: String { String(cString: PQcmdStatus(raw)) }

    var rows: some RandomAccessCollection<PostgresRow> {
        (0..<count).lazy.map { PostgresRow(result: self, index: Int32($0)) }
    }

    var first: PostgresRow? { count > 0 ? PostgresRow(result: self, index: 0) : nil }

    /// The only row.
    ///
    /// - Throws: `PostgresError.unexpectedValue` when there is none or more than one.
    func only() throws -> PostgresRow {
        guard count == 1 else { throw PostgresError.unexpectedValue("expected one row, got \(count)") }
        return PostgresRow(result: self, index: 0)
    }
}

/// One row. Columns are numbered from 0; a mismatch of type or an unexpected NULL throws
/// `PostgresError.unexpectedValue` naming the column.
struct PostgresRow {
    let result: PostgresResult
    let index: Int32

    func isNull(_ column: Int) -> Bool { PQgetisnull(result.raw, index, Int32(column)) != 0 }

    /// `boolean`.
    func bool(_ column: Int) throws -> Bool { try required(column, optionalBool(column)) }
    /// `bigint`, `integer` or `smallint`.
    func int64(_ column: Int) throws -> Int64 { try required(column, optionalInt64(column)) }
    /// `double precision` or `real`.
    func double(_ column: Int) throws -> Double { try required(column, optionalDouble(column)) }
    /// `text`, `varchar`, `name`, `json`, `jsonb` or an enumeration.
    func text(_ column: Int) throws -> String { try required(column, optionalText(column)) }
    /// `bytea`.
    func bytes(_ column: Int) throws -> [UInt8] { try required(column, optionalBytes(column)) }
    /// `uuid`.
    func uuid(_ column: Int) throws -> PostgresUUID { try required(column, optionalUUID(column)) }
    /// `timestamptz`, in microseconds since 1970-01-01T00:00:00Z.
    func timestamp(_ column: Int) throws -> Int64 { try required(column, optionalTimestamp(column)) }

    private func required<T>(_ column: Int, _ value: T?) throws -> T {
        guard let value else { throw mismatch(column, "is NULL where a value was expected") }
        return value
    }

    func mismatch(_ column: Int, _ what: String) -> PostgresError {
        let known = column >= 0 && column < PQnfields(result.raw)
        let name = known ? PQfname(result.raw, Int32(column)).map { String(cString: $0) } ?? "?" : "out of range"
        return .unexpectedValue("column \(column) (\(name)) \(what)")
    }
}
