import BuildDomain
import GRDB
import Orchestration
import SQLiteStore

/// A database file of its own, and another way into it.
struct SQLiteFile: Sendable {
    let path: String
    let hub = SignalHub()

    static func use(_ body: (SQLiteFile) async throws -> Void) async throws {
        try await TemporaryFolder.use { try await body(SQLiteFile(path: $0 + "/test.db")) }
    }

    func open() async throws -> SQLiteStore {
        try await SQLiteStore.open(path: path, hub: hub, clock: SystemClock())
    }

    /// Opens and migrates the store, lends it, closes it.
    func withStore(_ body: (StoreUnderTest) async throws -> Void) async throws {
        let store = try await open()
        try await store.migrate()
        try await body(StoreUnderTest(store: store, hub: hub))
        await store.close()
    }

    /// Runs SQL past the store.
    func execute(_ sql: String) async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    func strings(_ sql: String) async throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        let strings = try await queue.read { try String.fetchAll($0, sql: sql) }
        try queue.close()
        return strings
    }
}
