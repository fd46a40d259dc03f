import BuildDomain
import GRDBSQLite
import Orchestration

/// The current row of a statement. Reads columns by index and refuses what the schema does not allow, with the name of
/// the column, so that a damaged file gives an error and no crash.
struct Columns {
    private let statement: OpaquePointer
    /// Where the table's columns begin in a join.
    private let base: Int32
    /// Whose row this is, for errors: `jobs 0190…`.
    private let table: String

    init(_ statement: OpaquePointer, base: Int32 = 0, table: String = "row") {
        self.statement = statement
        self.base = base
        self.table = table
    }

    /// The same row seen as one of `table`, whose columns begin at `base` and whose key is the first of them.
    func of(_ table: String, base: Int32 = 0) -> Columns { Columns(statement, base: base, table: table) }

    func isNull(_ index: Int32) -> Bool { sqlite3_column_type(statement, base + index) == SQLITE_NULL }

    func integer(_ index: Int32) throws(StoreError) -> Int64 {
        guard sqlite3_column_type(statement, base + index) == SQLITE_INTEGER else {
            throw broken(index, "holds no integer")
        }
        return sqlite3_column_int64(statement, base + index)
    }

    func text(_ index: Int32) throws(StoreError) -> String {
        guard sqlite3_column_type(statement, base + index) == SQLITE_TEXT else { throw broken(index, "holds no text") }
        return withBytes(index) { String(decoding: $0, as: UTF8.self) }
    }

    func blob(_ index: Int32) throws(StoreError) -> [UInt8] {
        guard sqlite3_column_type(statement, base + index) == SQLITE_BLOB else { throw broken(index, "holds no bytes") }
        let count = Int(sqlite3_column_bytes(statement, base + index))
        guard let start = sqlite3_column_blob(statement, base + index) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    func identifier<Kind>(_ index: Int32) throws(StoreError) -> Identifier<Kind> {
        guard let id = withBytes(index, Identifier<Kind>.init(column:)) else { throw broken(index, "holds no UUID") }
        return id
    }

    func time(_ index: Int32) throws(StoreError) -> Timestamp { Timestamp(milliseconds: try integer(index)) }

    /// A word of a closed set.
    func word<Word: RawRepresentable<String>>(_ index: Int32, as: Word.Type = Word.self) throws(StoreError) -> Word {
        let text = try text(index)
        guard let word = Word(rawValue: text) else { throw broken(index, "holds the unknown word '\(text)'") }
        return word
    }

    func json<Value>(_ index: Int32, _ make: (JSONText) -> Value?) throws(StoreError) -> Value {
        guard sqlite3_column_type(statement, base + index) == SQLITE_TEXT else { throw broken(index, "holds no text") }
        guard let value = withBytes(index, { JSONText(parsing: $0) }).flatMap(make) else {
            throw broken(index, "holds JSON of another shape")
        }
        return value
    }

    func optional<Value>(_ index: Int32, _ read: (Int32) throws(StoreError) -> Value) throws(StoreError) -> Value? {
        isNull(index) ? nil : try read(index)
    }

    func broken(_ index: Int32, _ what: String) -> StoreError {
        let column = sqlite3_column_name(statement, base + index).map { String(cString: $0) } ?? "\(index)"
        let key = withBytes(0) { String(decoding: $0, as: UTF8.self) }
        return .broken("\(table) \(key): column \(column) \(what)")
    }

    private func withBytes<Value>(_ index: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        // The text must be asked for before its size: asking may convert it.
        let start = sqlite3_column_text(statement, base + index)
        let count = Int(sqlite3_column_bytes(statement, base + index))
        return body(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))
    }
}
