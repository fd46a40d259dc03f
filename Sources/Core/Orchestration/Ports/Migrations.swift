import Crypto

/// One numbered step of a schema's history. Once released it never changes; a mistake is mended by a further step.
public struct Migration: Sendable, Hashable {
    /// From 1, without gaps.
    public let version: Int
    public let name: String
    public let sql: String

    public init(version: Int, name: String, sql: String) {
        self.version = version
        self.name = name
        self.sql = sql
    }

    /// SHA-256 of the text, 64 hexadecimal digits; kept with the record, so that a changed step is noticed.
    public var checksum: String { hexadecimal(SHA256.hash(data: Array(sql.utf8))) }
}

/// What a database tells of a migration that was begun in it.
public struct MigrationRecord: Sendable, Hashable {
    public var version: Int
    public var checksum: String
    public var isFinished: Bool

    public init(version: Int, checksum: String, isFinished: Bool) {
        self.version = version
        self.checksum = checksum
        self.isFinished = isFinished
    }
}

/// How a database's schema relates to the one this binary was built for.
public enum SchemaState: Sendable, Hashable {
    /// Nothing has ever been migrated.
    case empty
    /// Exactly the schema of this binary.
    case current
    /// The database is at this version; this binary has further ones.
    case older(Int)
    /// The database is at this version, which this binary does not know.
    case newer(Int)
    /// This migration was begun and never finished.
    case halfMigrated(Int)
    /// This migration was run with another text than this binary has.
    case altered(Int)

    /// - Parameters:
    ///   - records: what the database tells, in any order.
    ///   - migrations: what this binary knows, in order.
    public init(records: [MigrationRecord], migrations: [Migration]) {
        guard let newest = records.map(\.version).max() else {
            self = .empty
            return
        }
        let known = Dictionary(uniqueKeysWithValues: migrations.map { ($0.version, $0) })
        if let half = records.first(where: { !$0.isFinished }) {
            self = .halfMigrated(half.version)
        } else if known[newest] == nil {
            self = .newer(newest)
        } else if let altered = records.first(where: { known[$0.version]?.checksum != $0.checksum }) {
            self = .altered(altered.version)
        } else {
            self = newest == migrations.last?.version ? .current : .older(newest)
        }
    }

    /// What is wrong and what to do about it, as a sentence for the operator; `nil` where the database can be used.
    public func problem(latest: Int) -> String? {
        switch self {
        case .current: nil
        case .empty: "this database has no tables yet: run `mini-ci migrate`"
        case .older(let version):
            "this database has schema \(version), this binary needs \(latest): run `mini-ci migrate`"
        case .newer(let version):
            "this database was written by a newer mini-ci (schema \(version), this binary knows \(latest)): "
                + "upgrade the binary"
        case .halfMigrated(let version):
            "migration \(version) of this database was begun and never finished: restore the backup made before it, "
                + "then run `mini-ci migrate`"
        case .altered(let version):
            "migration \(version) of this database was made by a different build of mini-ci: "
                + "use the binary that made it, or restore a backup"
        }
    }

    /// The migrations that bring the database up to date; `nil` where it must not be touched.
    public func pending(of migrations: [Migration]) -> [Migration]? {
        switch self {
        case .empty: migrations
        case .current: []
        case .older(let version): migrations.filter { $0.version > version }
        case .newer, .halfMigrated, .altered: nil
        }
    }
}

/// Why a schema was not brought up to date, or cannot be used.
public enum MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The schema is not what this binary needs; `latest` is the version it knows.
    case unusable(SchemaState, latest: Int)
    case store(StoreError)

    public var description: String {
        switch self {
        case .unusable(let state, let latest): state.problem(latest: latest) ?? "this database is up to date"
        case .store(let error): "the database could not be migrated: \(error)"
        }
    }
}

/// A store that keeps its data in tables with a history.
public protocol MigratableStore: Sendable {
    /// What this binary knows, in order.
    var migrations: [Migration] { get }

    /// Looks, and changes nothing.
    func schemaState() async throws(StoreError) -> SchemaState

    /// Brings the schema up to date, under a lock that keeps every other migrator out.
    /// - Returns: the migrations that were run; none where nothing was to do.
    @discardableResult
    func migrate() async throws(MigrationError) -> [Migration]
}

extension MigratableStore {
    /// - Throws: ``MigrationError/unusable(_:latest:)`` where the schema is not the one of this binary.
    public func requireCurrentSchema() async throws(MigrationError) {
        let state: SchemaState
        do { state = try await schemaState() } catch { throw .store(error) }
        guard state == .current else { throw .unusable(state, latest: migrations.last?.version ?? 0) }
    }
}
