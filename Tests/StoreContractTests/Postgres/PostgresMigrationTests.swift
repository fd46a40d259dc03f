import Orchestration
import PostgresStore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct PostgresMigrationTests {
    @Test func aFreshDatabaseIsEmptyThenCurrent() async throws {
        try await PostgresDatabase.use(isMigrated: false) { database in
            let store = try await database.open()
            #expect(try await store.schemaState() == .empty)
            await #expect(throws: MigrationError.unusable(.empty, latest: store.migrations.count)) {
                try await store.requireCurrentSchema()
            }
            #expect(try await store.migrate() == store.migrations)
            #expect(try await store.schemaState() == .current)
            #expect(try await store.migrate() == [])
            try await store.requireCurrentSchema()
            await store.close()
        }
    }

    @Test func migratorsAtTheSameTimeMigrateOnce() async throws {
        try await PostgresDatabase.use(isMigrated: false) { database in
            let ran = try await withThrowingTaskGroup { group in
                for _ in 0..<6 {
                    group.addTask {
                        let store = try await database.open()
                        let count = try await store.migrate().count
                        #expect(try await store.schemaState() == .current)
                        await store.close()
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(ran == 2)
        }
    }

    @Test func aMigrationThatFailsLeavesNothing() async throws {
        try await PostgresDatabase.use(isMigrated: false) { database in
            // One of its last tables is in the way.
            try await database.run("CREATE TABLE api_tokens (id int)")
            let store = try await database.open()
            await #expect { try await store.migrate() } throws: { error in
                if case .store(.broken) = error as? MigrationError { true } else { false }
            }
            #expect(try await store.schemaState() == .empty)
            try await database.run("DROP TABLE api_tokens")
            #expect(try await store.migrate() == store.migrations)
            await store.close()
        }
    }

    @Test func aNewerSchemaIsLeftAlone() async throws {
        let checksum = String(repeating: "0", count: 64)
        try await expect(.newer(7), after: "INSERT INTO schema_migrations VALUES (7, 'later', '\(checksum)', 1, 2)")
    }

    @Test func aHalfMigratedSchemaIsLeftAlone() async throws {
        try await expect(.halfMigrated(1), after: "UPDATE schema_migrations SET finished_at = NULL")
    }

    @Test func anAlteredMigrationIsNoticed() async throws {
        let checksum = String(repeating: "0", count: 64)
        try await expect(.altered(1), after: "UPDATE schema_migrations SET checksum = '\(checksum)'")
    }

    private func expect(_ state: SchemaState, after sql: String) async throws {
        try await PostgresDatabase.use { database in
            try await database.run(sql)
            let store = try await database.open()
            #expect(try await store.schemaState() == state)
            let error = MigrationError.unusable(state, latest: 2)
            await #expect(throws: error) { try await store.migrate() }
            await #expect(throws: error) { try await store.requireCurrentSchema() }
            await store.close()
        }
    }
}
