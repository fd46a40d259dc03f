import BuildDomain
import Orchestration
import SQLiteStore
import Testing

@Suite(.timeLimit(.minutes(1))) struct SQLiteMigrationTests {
    @Test func aFreshFileIsEmptyThenCurrent() async throws {
        try await SQLiteFile.use { file in
            let store = try await file.open()
            #expect(try await store.schemaState() == .empty)
            await #expect(throws: MigrationError.unusable(.empty, latest: store.migrations.count)) {
                try await store.requireCurrentSchema()
            }
            #expect(try await store.migrate() == store.migrations)
            #expect(try await store.schemaState() == .current)
            #expect(try await store.migrate() == [])
            try await store.requireCurrentSchema()
            await store.close()
            #expect(
                try await file.strings("SELECT name FROM schema_migrations WHERE finished_at >= started_at") == [
                    "initial", "rules and reruns",
                ])
        }
    }

    @Test func theTablesAreTheseAndNoOthers() async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { _ in }
            let tables = try await file.strings("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            #expect(
                tables == [
                    "api_tokens", "attempts", "build_logs", "builds", "job_events", "jobs", "schema_migrations",
                    "workers",
                ])
        }
    }

    @Test func aNewerSchemaIsLeftAlone() async throws {
        try await expect(
            .newer(7),
            after: "INSERT INTO schema_migrations VALUES (7, 'later', '\(String(repeating: "0", count: 64))', 1, 2)",
            saying: "this database was written by a newer mini-ci (schema 7, this binary knows 2): upgrade the binary")
    }

    @Test func aHalfMigratedSchemaIsLeftAlone() async throws {
        try await expect(
            .halfMigrated(1), after: "UPDATE schema_migrations SET finished_at = NULL",
            saying: "migration 1 of this database was begun and never finished: restore the backup made before it, "
                + "then run `mini-ci migrate`")
    }

    @Test func anAlteredMigrationIsNoticed() async throws {
        try await expect(
            .altered(1), after: "UPDATE schema_migrations SET checksum = '\(String(repeating: "0", count: 64))'",
            saying: "migration 1 of this database was made by a different build of mini-ci: "
                + "use the binary that made it, or restore a backup")
    }

    private func expect(_ state: SchemaState, after sql: String, saying message: String) async throws {
        try await SQLiteFile.use { file in
            try await file.withStore { _ in }
            try await file.execute(sql)
            let store = try await file.open()
            #expect(try await store.schemaState() == state)
            let error = MigrationError.unusable(state, latest: 2)
            await #expect(throws: error) { try await store.migrate() }
            await #expect(throws: error) { try await store.requireCurrentSchema() }
            #expect(error.description == message)
            await store.close()
        }
    }

    @Test func twoMigratorsMigrateOnce() async throws {
        try await SQLiteFile.use { file in
            let stores = [try await file.open(), try await file.open()]
            let first = stores[0]
            let second = stores[1]
            async let one = first.migrate()
            async let other = second.migrate()
            let ran = try await one.count + other.count
            #expect(ran == first.migrations.count)
            for store in stores {
                #expect(try await store.schemaState() == .current)
                await store.close()
            }
        }
    }
}

@Suite struct SchemaStateTests {
    private let migrations = (1...3).map { Migration(version: $0, name: "m\($0)", sql: "SELECT \($0)") }

    private func records(_ count: Int) -> [MigrationRecord] {
        migrations.prefix(count).map { MigrationRecord(version: $0.version, checksum: $0.checksum, isFinished: true) }
    }

    @Test func theStateFollowsFromTheRecords() {
        #expect(SchemaState(records: [], migrations: migrations) == .empty)
        #expect(SchemaState(records: records(1), migrations: migrations) == .older(1))
        #expect(SchemaState(records: records(3).reversed(), migrations: migrations) == .current)
        #expect(SchemaState(records: records(3), migrations: Array(migrations.prefix(2))) == .newer(3))
    }

    @Test func onlyWhatIsMissingIsRun() {
        #expect(SchemaState.empty.pending(of: migrations) == migrations)
        #expect(SchemaState.older(1).pending(of: migrations)?.map(\.version) == [2, 3])
        #expect(SchemaState.current.pending(of: migrations) == [])
        #expect(SchemaState.newer(9).pending(of: migrations) == nil)
        #expect(SchemaState.halfMigrated(1).pending(of: migrations) == nil)
    }

    @Test func anOlderSchemaNamesTheCommand() {
        #expect(
            SchemaState.older(1).problem(latest: 3)
                == "this database has schema 1, this binary needs 3: run `mini-ci migrate`")
        #expect(SchemaState.current.problem(latest: 3) == nil)
    }
}
