import GRDB
import GRDBSQLite
import Orchestration

/// A value bound to a statement's parameter.
enum SQLValue: Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    init(_ text: String?) { self = text.map(SQLValue.text) ?? .null }
    init(_ number: Int?) { self = number.map { .integer(Int64($0)) } ?? .null }
    init(_ number: Int64?) { self = number.map(SQLValue.integer) ?? .null }
}

/// One use of a prepared statement. GRDB opens connections and caches statements; binding and stepping go straight to
/// SQLite, because here a build is read and written in microseconds and generic rows would cost more than the query.
struct SQLite {
    let database: Database

    init(_ database: Database) { self.database = database }

    /// Runs a statement and calls `row` for each row of its answer.
    func query(
        _ sql: String, _ values: [SQLValue], row: (OpaquePointer) throws(StoreError) -> Void
    ) throws(StoreError) {
        let statement = try prepare(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() { bind(value, to: statement, at: Int32(index + 1)) }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: try row(statement)
            case SQLITE_DONE: return
            case let code: throw failure(code)
            }
        }
    }

    /// Runs a statement that answers nothing.
    /// - Returns: how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ values: [SQLValue] = []) throws(StoreError) -> Int {
        try query(sql, values) { (_) throws(StoreError) in }
        return Int(sqlite3_changes(database.sqliteConnection))
    }

    /// The first row, read by `make`.
    func first<Value>(
        _ sql: String, _ values: [SQLValue], _ make: (Columns) throws(StoreError) -> Value
    ) throws(StoreError) -> Value? {
        var found: Value?
        try query(sql, values) { (row) throws(StoreError) in
            if found == nil { found = try make(Columns(row)) }
        }
        return found
    }

    /// All rows, each read by `make`.
    func all<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ make: (Columns) throws(StoreError) -> Value
    ) throws(StoreError) -> [Value] {
        var found: [Value] = []
        try query(sql, values) { (row) throws(StoreError) in found.append(try make(Columns(row))) }
        return found
    }

    /// Whether a transaction is open; some failures end it behind one's back.
    var isInTransaction: Bool { sqlite3_get_autocommit(database.sqliteConnection) == 0 }

    private func prepare(_ sql: String) throws(StoreError) -> OpaquePointer {
        do { return try database.cachedStatement(sql: sql).sqliteStatement } catch { throw StoreError(sqlite: error) }
    }

    private func failure(_ code: Int32) -> StoreError {
        let message = sqlite3_errmsg(database.sqliteConnection).map { String(cString: $0) } ?? "no message"
        return StoreError(sqliteCode: code, message: message)
    }

    private func bind(_ value: SQLValue, to statement: OpaquePointer, at index: Int32) {
        switch value {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let number): sqlite3_bind_int64(statement, index, number)
        case .text(var text):
            text.withUTF8 { bytes in
                _ = bytes.withMemoryRebound(to: CChar.self) { characters in
                    sqlite3_bind_text(statement, index, characters.baseAddress, Int32(bytes.count), Self.copied)
                }
            }
        case .blob(let bytes):
            // A null pointer would bind NULL: an empty blob needs its own call.
            if bytes.isEmpty {
                sqlite3_bind_zeroblob(statement, index, 0)
            } else {
                sqlite3_bind_blob(statement, index, bytes, Int32(bytes.count), Self.copied)
            }
        }
    }

    /// `SQLITE_TRANSIENT`, a macro that Swift does not import: SQLite copies what is bound.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
