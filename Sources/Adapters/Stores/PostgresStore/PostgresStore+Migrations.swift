import Orchestration

extension PostgresStore: MigratableStore {
    public var migrations: [Migration] { PostgresMigrations.all }

    public func schemaState() async throws(StoreError) -> SchemaState {
        try await read { session in
            SchemaState(records: try MigrationSQL.records(session), migrations: PostgresMigrations.all)
        }
    }

    /// All that is missing runs in one transaction, so an interrupted migration leaves the old schema. A second
    /// migrator waits for the first and then finds nothing to do.
    @discardableResult
    public func migrate() async throws(MigrationError) -> [Migration] {
        let result: Result<[Migration], MigrationError>
        do {
            result = try await pool.transaction { session in try MigrationSQL.migrate(PostgresMigrations.all, session) }
        } catch {
            throw .store(StoreError(postgres: error))
        }
        return try result.get()
    }
}

private enum MigrationSQL {
    /// A number that all versions of this program know, and nobody else should use ("mini-ci" in ASCII).
    static let lock: Int64 = 0x6D_69_6E_69_2D_63_69

    static func records(_ session: PostgresSession) throws -> [MigrationRecord] {
        let exists = try session.query("SELECT to_regclass('schema_migrations') IS NOT NULL").only().bool(0)
        guard exists else { return [] }
        let rows = try session.query("SELECT version, checksum, finished_at FROM schema_migrations").rows
        return try rows.map { row in
            MigrationRecord(version: try row.integer(0), checksum: try row.text(1), isFinished: !row.isNull(2))
        }
    }

    static func migrate(
        _ migrations: [Migration], _ session: PostgresSession
    ) throws -> Result<[Migration], MigrationError> {
        // Another migrator, and a large table, may take longer than a statement usually may.
        try session.execute("SET LOCAL statement_timeout = 0")
        _ = try session.query("SELECT pg_advisory_xact_lock($1)", [.int64(lock)])
        let state = SchemaState(records: try records(session), migrations: migrations)
        guard let pending = state.pending(of: migrations) else {
            return .failure(.unusable(state, latest: migrations.last?.version ?? 0))
        }
        if !pending.isEmpty { try session.execute(PostgresMigrations.bookkeeping) }
        for migration in pending {
            let version = PostgresValue.int64(Int64(migration.version))
            try session.execute(
                """
                INSERT INTO schema_migrations (version, name, checksum, started_at)
                VALUES ($1, $2, $3, \(BuildSQL.now))
                """, [version, .text(migration.name), .text(migration.checksum)])
            try session.script(migration.sql)
            try session.execute(
                """
                UPDATE schema_migrations SET finished_at = greatest(started_at, \(BuildSQL.now)) WHERE version = $1
                """, [version])
        }
        return .success(pending)
    }
}
