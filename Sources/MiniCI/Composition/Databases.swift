import LocalMachine
import Logging
import Orchestration
import PostgresStore
import SQLiteStore

/// Opens the database of each shape and sees to its schema.
enum Databases {
    /// The SQLite file in the data folder; a missing or older schema is brought up to date, there is nothing to set up.
    static func openForUp(_ settings: Settings, hub: SignalHub) async throws -> any Store {
        let path = settings.databasePath
        let store = try await started("\(path) cannot be opened") { () async throws(StoreError) in
            try await SQLiteStore.open(path: path, hub: hub, clock: SystemTimekeeper())
        }
        do {
            try await store.migrate()
            return store
        } catch {
            await store.close()
            throw StartupError("\(path): \(error)")
        }
    }

    /// The database the URL names; its schema must be the one of this binary.
    static func openForServer(
        _ settings: Settings, hub: SignalHub, logger: Logger
    ) async throws -> any Store & HistoryStore {
        let store = try await open(settings, hub: hub, logger: logger)
        do {
            try await store.requireCurrentSchema()
            return store
        } catch {
            await store.close()
            throw StartupError("\(error)")
        }
    }

    /// Like ``openForServer(_:hub:logger:)``, but never makes the SQLite file: what is not there cannot be looked into.
    static func openExisting(_ settings: Settings, logger: Logger) async throws -> any Store & HistoryStore {
        if settings.databaseURL == nil { _ = try existingFile(settings) }
        return try await openForServer(settings, hub: SignalHub(), logger: logger)
    }

    /// The path of the SQLite file.
    static func existingFile(_ settings: Settings) throws -> String {
        let path = settings.databasePath
        guard Files.exists(path) else {
            throw StartupError(
                "there is no database at \(path); name the data folder of `mini-ci up` with --data (or MINI_CI_DATA)")
        }
        return path
    }

    /// The database the URL names, whatever its schema.
    static func open(
        _ settings: Settings, hub: SignalHub, logger: Logger
    ) async throws -> any Store & HistoryStore & MigratableStore {
        guard let url = settings.databaseURL else {
            let path = settings.databasePath
            return try await started("\(path) cannot be opened") { () async throws(StoreError) in
                try await SQLiteStore.open(path: path, hub: hub, clock: SystemTimekeeper())
            }
        }
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw StartupError(
                "the database URL must start with postgres://; it does not (MINI_CI_DATABASE_URL or --database-url)")
        }
        return try await started("the database cannot be reached") { () async throws(StoreError) in
            try await PostgresStore.open(
                url: url, connections: settings.databaseConnections, hub: hub, logger: logger)
        }
    }

    private static func started<Value>(_ what: String, _ open: () async throws(StoreError) -> Value) async throws
        -> Value
    {
        do { return try await open() } catch { throw StartupError("\(what): \(error.sentence)") }
    }
}

extension StoreError {
    /// The error as a sentence for the person at the terminal.
    var sentence: String {
        switch self {
        case .unavailable(let message), .broken(let message), .outcomeUnknown(let message): message
        case .notFound: "not found"
        case .refused(let refusal): "\(refusal)"
        }
    }
}
