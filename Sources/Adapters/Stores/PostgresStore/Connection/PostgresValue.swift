/// A parameter of a statement. All are sent in PostgreSQL's binary format, so nothing is ever quoted or escaped.
///
/// The type goes with the value even when that is `nil`, so that one SQL text is prepared once: say `.int64(nil)`
/// rather than ``null`` where the type is known. A `text` parameter is `text` to the server: cast it in the SQL for
/// anything else (`$1::job_status`).
enum PostgresValue: Hashable, Sendable {
    /// NULL of a type that the server works out from the statement.
    case null
    case bool(Bool?)
    case int64(Int64?)
    case double(Double?)
    case text(String?)
    case bytes([UInt8]?)
    case uuid(PostgresUUID?)
    /// `jsonb`, given as JSON text.
    case json(String?)
    /// `timestamptz`, in microseconds since 1970-01-01T00:00:00Z.
    case timestamp(microseconds: Int64?)

    // One-dimensional arrays, for `= ANY($1)` and for bulk writes from `unnest($1::uuid[], …)`.
    case boolArray([Bool?])
    case int64Array([Int64?])
    case doubleArray([Double?])
    case textArray([String?])
    case bytesArray([[UInt8]?])
    case uuidArray([PostgresUUID?])
    case jsonArray([String?])
    case timestampArray(microseconds: [Int64?])
}

/// The sixteen bytes of a `uuid`, big-endian.
struct PostgresUUID: Hashable, Sendable {
    var high: UInt64
    var low: UInt64
}

/// One statement and its parameters, `$1` first.
struct PostgresStatement: Hashable, Sendable {
    var sql: String
    var parameters: [PostgresValue]

    init(_ sql: String, _ parameters: [PostgresValue] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}

/// A type of the server's catalogue (`pg_type.oid`), of those that never change.
enum PostgresType {
    static let unknown: UInt32 = 0
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let timestamptz: UInt32 = 1184
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802
    /// The first object id of what users create, such as enumeration types.
    static let firstUserDefined: UInt32 = 16_384

    /// From the Unix epoch to PostgreSQL's, 2000-01-01, in microseconds.
    static let epochOffset: Int64 = 946_684_800_000_000
}
