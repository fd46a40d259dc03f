import BuildDomain
import Logging
import Orchestration
import Synchronization

/// Keeps everything in a PostgreSQL database, which several processes may share.
///
/// Writes go through ``Lane``s that commit many at once; each is on the disk when it is answered. Leases go by the
/// server's clock. What one process commits, the others hear of by notifications.
public final class PostgresStore: Store, HistoryStore {
    let pool: PostgresPool
    let notifier: Notifier
    private let buildLanes: [Lane<BuildRequest>]
    private let logLanes: [Lane<AppendRequest>]
    let claims: Lane<ClaimRequest>
    private let listener: PostgresListener
    private let inserts = Atomic<Int>(0)

    private init(pool: PostgresPool, notifier: Notifier, listener: PostgresListener, hub: SignalHub) {
        self.pool = pool
        self.notifier = notifier
        self.listener = listener
        buildLanes = (0..<PostgresLimits.buildLanes).map { _ in
            Lane(pool, PostgresLimits.builds, hub: hub) { requests, session in
                try BuildTransaction.run(requests, in: session, notifier: notifier)
            }
        }
        logLanes = (0..<PostgresLimits.logLanes).map { _ in
            Lane(pool, PostgresLimits.appends, hub: hub) { requests, session in
                try AppendTransaction.run(requests, in: session, notifier: notifier)
            }
        }
        claims = Lane(pool, PostgresLimits.claims, hub: hub) { requests, session in
            try ClaimTransaction.run(requests, in: session, notifier: notifier)
        }
    }

    /// Connects to a database. Its schema is left alone: see ``migrate()``.
    /// - Parameters:
    ///   - url: a `postgresql://` URI or a `keyword=value` string, as libpq reads it.
    ///   - connections: the most that may be open at once, besides the one that listens; at least one.
    ///   - hub: told of every committed change, also of other processes.
    /// - Throws: ``StoreError/unavailable(_:)`` where the server cannot be reached now.
    public static func open(
        url: String, connections: Int, hub: SignalHub, logger: Logger
    ) async throws(StoreError) -> PostgresStore {
        let configuration = PostgresConfiguration(conninfo: url)
        let notifier = Notifier()
        do {
            let listener = try await PostgresListener.start(
                configuration, channel: Notifier.channel,
                onNotification: { hub.signal(notifier.topics(in: $0)) },
                onReconnect: {
                    logger.notice("listening to PostgreSQL again; looking for what was missed")
                    hub.signalAll()
                })
            var limits = PostgresPool.Limits()
            limits.connections = max(1, connections)
            limits.wait = PostgresLimits.connectionWait
            let pool = PostgresPool(configuration, limits: limits)
            return PostgresStore(pool: pool, notifier: notifier, listener: listener, hub: hub)
        } catch {
            throw StoreError(postgres: error)
        }
    }

    public func check() async throws(StoreError) {
        // An update of nothing needs the tables and is refused by a server that only reads.
        try await statement("UPDATE builds SET updated_at = updated_at WHERE id = $1", [.uuid(.init(high: 0, low: 0))])
    }

    public func close() async {
        for lane in buildLanes { await lane.close() }
        for lane in logLanes { await lane.close() }
        await claims.close()
        await listener.close()
        await pool.close()
    }

    /// Where the changes of a build queue.
    func lane(of build: BuildID) -> Lane<BuildRequest> { buildLanes[Self.index(build.low, buildLanes.count)] }

    /// Where a submit queues: those with the same key in the same lane.
    func lane(of key: IdempotencyKey?) -> Lane<BuildRequest> {
        let number = key?.key.hashValue ?? inserts.add(1, ordering: .relaxed).newValue
        return buildLanes[Self.index(UInt64(bitPattern: Int64(number)), buildLanes.count)]
    }

    /// Where appends to a log queue.
    func lane(of log: AttemptID) -> Lane<AppendRequest> { logLanes[Self.index(log.low, logLanes.count)] }

    private static func index(_ bits: UInt64, _ count: Int) -> Int { Int(bits % UInt64(count)) }
}

extension PostgresStore {
    /// Reads. Each statement sees one state of the database; two may see two.
    func read<Answer: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Answer
    ) async throws(StoreError) -> Answer {
        do { return try await pool.read(body) } catch { throw StoreError(postgres: error) }
    }

    /// Carries out one statement that may be repeated without harm.
    /// - Returns: the number of rows that were written.
    @discardableResult
    func statement(_ sql: String, _ parameters: [PostgresValue]) async throws(StoreError) -> Int {
        try await read { session in try session.execute(sql, parameters) }
    }
}
