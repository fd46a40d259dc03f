import BuildDomain
import Orchestration

extension PostgresUUID {
    init<Kind>(_ id: Identifier<Kind>) { self.init(high: id.high, low: id.low) }
}

extension Identifier {
    init(_ uuid: PostgresUUID) { self.init(high: uuid.high, low: uuid.low) }
}

extension PostgresValue {
    static func id<Kind>(_ id: Identifier<Kind>) -> PostgresValue { .uuid(PostgresUUID(id)) }

    static func ids<Kind>(_ ids: some Sequence<Identifier<Kind>>) -> PostgresValue {
        .uuidArray(ids.map { PostgresUUID($0) })
    }
}

extension PostgresRow {
    func identifier<Kind>(_ column: Int) throws -> Identifier<Kind> { Identifier(try uuid(column)) }

    func integer(_ column: Int) throws -> Int { Int(try int64(column)) }

    func optionalInteger(_ column: Int) throws -> Int? { try optionalInt64(column).map { Int($0) } }

    func time(_ column: Int) throws -> Timestamp { Timestamp(milliseconds: try int64(column)) }

    func optionalTime(_ column: Int) throws -> Timestamp? {
        try optionalInt64(column).map { Timestamp(milliseconds: $0) }
    }

    /// A word of a closed set.
    func word<Word: RawRepresentable<String>>(_ column: Int, as: Word.Type = Word.self) throws -> Word {
        let text = try text(column)
        guard let word = Word(rawValue: text) else { throw mismatch(column, "holds the unknown word '\(text)'") }
        return word
    }

    func optionalWord<Word: RawRepresentable<String>>(_ column: Int) throws -> Word? {
        isNull(column) ? nil : try word(column)
    }

    func optionalCommit(_ column: Int) throws -> CommitSHA? {
        guard let text = try optionalText(column) else { return nil }
        guard let commit = CommitSHA(text) else { throw mismatch(column, "holds no full commit id") }
        return commit
    }

    func json<Value>(_ column: Int, _ make: (JSONText) -> Value?) throws -> Value {
        let value = try withJSON(column) { bytes in JSONText(parsing: bytes).flatMap(make) }
        guard let value else { throw mismatch(column, "holds JSON of another shape") }
        return value
    }
}
