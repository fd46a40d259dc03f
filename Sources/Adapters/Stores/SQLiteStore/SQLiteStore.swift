import BuildDomain
import GRDB
import Glibc
import Orchestration

/// Keeps everything in one SQLite file, for `mini-ci up`: one process, nothing to set up, every answered write on the
/// disk.
///
/// Writes go through one ``WriteQueue`` that commits many at once; reads run beside them on connections of their own
/// (write-ahead log) and see what has been committed. The clock of leases is the injected one.
public final class SQLiteStore: Store, HistoryStore {
    let pool: DatabasePool
    let writes: WriteQueue
    let hub: SignalHub
    let clock: any Timekeeper
    let finished: FinishedBuilds

    private init(pool: DatabasePool, settings: SQLiteSettings, hub: SignalHub, clock: any Timekeeper) {
        self.pool = pool
        self.hub = hub
        self.clock = clock
        finished = FinishedBuilds(maximumBytes: settings.finishedBuildsBytes)
        writes = WriteQueue(pool: pool, settings: settings, hub: hub, finished: finished)
    }

    /// Opens the database file, making it (mode 0600) where there is none. Its schema is left alone: see ``migrate()``.
    /// - Parameters:
    ///   - path: of a file on a local disk; SQLite's locks cannot be trusted on network file systems.
    ///   - hub: told of every committed change.
    ///   - clock: the store's clock, which decides leases.
    public static func open(
        path: String, hub: SignalHub, clock: any Timekeeper, settings: SQLiteSettings = SQLiteSettings()
    ) async throws(StoreError) -> SQLiteStore {
        try makePrivateFile(path)
        do {
            let pool = try DatabasePool(path: path, configuration: configuration(settings))
            try synchronously {
                try pool.writeWithoutTransaction { database in
                    // Here and not in the preparation, after which GRDB sets it to NORMAL.
                    try database.execute(sql: "PRAGMA synchronous = FULL")
                    try database.execute(
                        sql: "PRAGMA wal_autocheckpoint = \(settings.checkpointBytes / settings.pageBytes)")
                    try database.execute(sql: "PRAGMA journal_size_limit = \(settings.checkpointBytes * 2)")
                }
            }
            return SQLiteStore(pool: pool, settings: settings, hub: hub, clock: clock)
        } catch {
            throw StoreError(sqlite: error)
        }
    }

    public func check() async throws(StoreError) {
        // An update of nothing takes the write lock and needs the tables, but changes no page.
        try await writes.submit { (sqlite) throws(StoreError) in
            try sqlite.run("UPDATE builds SET updated_at = updated_at WHERE id = ''")
            return ((), [])
        }
    }

    public func close() async {
        await writes.close()
        try? pool.close()
        // SQLite takes the write-ahead log into the file and removes it when the last connection goes, if that one may
        // write. In a pool a reader goes last, so one more comes and goes: a stopped store is one file.
        Self.synchronously { try? DatabaseQueue(path: pool.path).close() }
    }

    private static func configuration(_ settings: SQLiteSettings) -> Configuration {
        var configuration = Configuration()
        configuration.label = "mini-ci.sqlite"
        configuration.maximumReaderCount = settings.readers
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(Double(settings.busyTimeout.wholeMilliseconds) / 1000)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA page_size = \(settings.pageBytes)")
            try database.execute(sql: "PRAGMA cache_size = -\(settings.cacheKilobytes)")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    /// SQLite gives its side files (`-wal`, `-shm`) the mode of the main one, so making that first is enough.
    private static func makePrivateFile(_ path: String) throws(StoreError) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .unavailable("\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        Glibc.close(descriptor)
    }

    /// In an `async` function the compiler would pick GRDB's asynchronous overloads.
    private static func synchronously(_ body: () throws -> Void) rethrows { try body() }
}
