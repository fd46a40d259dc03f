import BuildDomain
import Foundation
import Logging
import MemoryStore
import Orchestration
import PostgresStore
import SQLiteStore
import Testing

/// The stores that the suite holds to the contract. A further store joins here: a case, and how to open a fresh one.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case memory
    case sqlite
    case postgres

    var testDescription: String { rawValue }

    /// Opens a fresh, empty store, lets `body` use it, and clears away.
    func use(_ body: (StoreUnderTest) async throws -> Void) async throws {
        let hub = SignalHub()
        switch self {
        case .memory:
            try await StoreUnderTest(store: MemoryStore(hub: hub, clock: SystemClock()), hub: hub).lend(to: body)
        case .sqlite:
            try await TemporaryFolder.use { folder in
                let store = try await SQLiteStore.open(path: folder + "/test.db", hub: hub, clock: SystemClock())
                try await store.migrate()
                try await StoreUnderTest(store: store, hub: hub).lend(to: body)
            }
        case .postgres:
            try await PostgresDatabase.use { database in
                try await StoreUnderTest(store: try await database.open(hub: hub), hub: hub).lend(to: body)
            }
        }
    }
}

/// A store and what it signals. No case sets the clock, since a database server's cannot be set: what is to be over is
/// given a negative duration instead.
struct StoreUnderTest: Sendable {
    let store: any Store & HistoryStore
    let hub: SignalHub

    func lend(to body: (StoreUnderTest) async throws -> Void) async throws {
        do {
            try await body(self)
            await store.close()
        } catch {
            await store.close()
            throw error
        }
    }
}

/// The time of this machine.
struct SystemClock: Timekeeper {
    var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    func sleep(for duration: Duration) async throws(CancellationError) {
        do { try await Task.sleep(for: duration) } catch { throw CancellationError() }
    }
}

enum TemporaryFolder {
    /// Makes a folder, lends it, and removes it with all that is in it.
    static func use(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/mini-ci-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }
}
