/// What bounds an SQLite store.
public struct SQLiteSettings: Sendable, Hashable {
    /// Writes that may wait for the writer; further ones are refused with `unavailable`.
    public var maximumQueuedWrites = 4096
    /// Bytes of log text that may wait for the writer; further ones are refused with `unavailable`.
    public var maximumQueuedBytes = 64 * 1024 * 1024
    /// The most writes that share a transaction, and so one fsync.
    public var maximumBatch = 256
    /// Bytes of log text after which a transaction takes no further write.
    public var maximumBatchBytes = 8 * 1024 * 1024
    /// Connections for reading.
    public var readers = 4
    /// How long to wait for a lock that another process holds.
    public var busyTimeout = Duration.seconds(5)
    /// Bytes of a page, a power of two; only a new database takes it over.
    public var pageBytes = 8192
    /// Bytes in the write-ahead log before they are moved into the database file.
    public var checkpointBytes = 16 * 1024 * 1024
    /// KiB of pages that a connection keeps in memory.
    public var cacheKilobytes = 4000
    /// Bytes of finished builds kept in memory, because they are read the most.
    public var finishedBuildsBytes = 4 * 1024 * 1024

    public init() {}
}
