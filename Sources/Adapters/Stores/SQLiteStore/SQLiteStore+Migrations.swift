import BuildDomain
import GRDB
import Orchestration

extension SQLiteStore: MigratableStore {
    public var migrations: [Migration] { SQLiteMigrations.all }

    public func schemaState() async throws(StoreError) -> SchemaState {
        try await read { (sqlite) throws(StoreError) in
            SchemaState(records: try sqlite.migrationRecords(), migrations: SQLiteMigrations.all)
        }
    }

    /// All that is missing runs in one exclusive transaction, so an interrupted migration leaves the old schema. A
    /// second migrator waits for the first and then finds nothing to do.
    @discardableResult
    public func migrate() async throws(MigrationError) -> [Migration] {
        let clock = clock
        let result: Result<[Migration], MigrationError> = await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { database in
                continuation.resume(
                    returning: Result { () throws(MigrationError) in
                        try SQLite(database).migrate(SQLiteMigrations.all, clock: clock)
                    })
            }
        }
        return try result.get()
    }
}

extension SQLite {
    func migrationRecords() throws(StoreError) -> [MigrationRecord] {
        let table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'"
        guard try first(table, [], { (_) throws(StoreError) in true }) != nil else { return [] }
        return try all("SELECT version, checksum, finished_at FROM schema_migrations ORDER BY version") {
            (row) throws(StoreError) in
            MigrationRecord(
                version: Int(try row.integer(0)), checksum: try row.text(1), isFinished: !row.isNull(2))
        }
    }

    func migrate(_ migrations: [Migration], clock: any Timekeeper) throws(MigrationError) -> [Migration] {
        do {
            try run("BEGIN EXCLUSIVE")
            do {
                let done = try migrateInTransaction(migrations, clock: clock)
                try run("COMMIT")
                return try done.get()
            } catch {
                if isInTransaction { _ = try? run("ROLLBACK") }
                throw error
            }
        } catch let error as MigrationError {
            throw error
        } catch {
            throw .store(StoreError(sqlite: error))
        }
    }

    private func migrateInTransaction(
        _ migrations: [Migration], clock: any Timekeeper
    ) throws(StoreError) -> Result<[Migration], MigrationError> {
        let state = SchemaState(records: try migrationRecords(), migrations: migrations)
        guard let pending = state.pending(of: migrations) else {
            return .failure(.unusable(state, latest: migrations.last?.version ?? 0))
        }
        if !pending.isEmpty { try run(SQLiteMigrations.bookkeeping) }
        for migration in pending {
            let begun = clock.now.milliseconds
            try run(
                "INSERT INTO schema_migrations (version, name, checksum, started_at) VALUES (?, ?, ?, ?)",
                [
                    .integer(Int64(migration.version)), .text(migration.name), .text(migration.checksum),
                    .integer(begun),
                ])
            do { try database.execute(sql: migration.sql) } catch { throw StoreError(sqlite: error) }
            try run(
                "UPDATE schema_migrations SET finished_at = ? WHERE version = ?",
                [.integer(max(begun, clock.now.milliseconds)), .integer(Int64(migration.version))])
        }
        return .success(pending)
    }
}
