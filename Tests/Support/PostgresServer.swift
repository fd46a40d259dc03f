import Foundation

/// A real PostgreSQL for tests: in a temporary folder, on a unix socket and a loopback port, gone with this process
/// however that ends.
///
/// Use ``shared()`` and a database of your own from ``makeDatabase(template:)``; start one apart only to stop it.
public actor PostgresServer {
    /// How to stop.
    public enum Stop: String, Sendable {
        /// Ends sessions with SQLSTATE 57P01, then writes everything out.
        case fast
        /// As a crash: nothing is written out, and the next start recovers.
        case immediate
    }

    /// The loopback port, which stays the same over restarts.
    public nonisolated let port: UInt16
    /// The folder of data, socket and log.
    public nonisolated let folder: String

    private let keeper: PostgresKeeper
    private var databases = 0
    private static let common = SharedServer()

    private init(_ keeper: PostgresKeeper) {
        self.keeper = keeper
        port = keeper.port
        folder = keeper.folder
    }

    /// The server of this process, which is started by whoever asks first. It does not force what is committed to the
    /// disk, as making a database would take most of a test then: what is about crashes starts a server apart.
    ///
    /// - Throws: `PostgresServerError`, each time the same, when it cannot be started.
    public static func shared() async throws -> PostgresServer { try await common.server() }

    /// Starts a server.
    ///
    /// - Parameter fsync: whether what is committed is forced to the disk; off is quicker.
    /// - Throws: `PostgresServerError`, after saying why on standard error.
    public static func start(fsync: Bool = true) async throws -> PostgresServer {
        do {
            let server = PostgresServer(try await offPool { try PostgresKeeper(fsync: fsync) })
            try await server.restart()
            return server
        } catch {
            FileHandle.standardError.write(Data("PostgreSQL for tests: \(error)\n".utf8))
            throw error
        }
    }

    /// Starts the server again after ``stop(_:)``, and returns when it accepts connections.
    public func restart() async throws {
        let keeper = keeper
        try await offPool { try keeper.startServer() }
    }

    /// Stops the server and returns when its process ended. Its data stay.
    public func stop(_ mode: Stop = .fast) async throws {
        let keeper = keeper
        try await offPool { try keeper.tell(mode.rawValue) }
    }

    /// Stops the server for good and removes its folder.
    public func remove() async {
        let keeper = keeper
        await offPool { keeper.end() }
    }

    /// Creates a database.
    ///
    /// - Parameter template: the name of a database to copy, to which nobody may be connected.
    /// - Returns: its URI, over the unix socket.
    public func makeDatabase(template: String = "template0") async throws -> String {
        databases += 1
        let name = "test_\(databases)"
        try await run("CREATE DATABASE \(name) TEMPLATE \(template)")
        return uri(database: name)
    }

    /// Runs SQL as the superuser, for what a test does behind the back of what it tests.
    public func run(_ sql: String, database: String = "postgres") async throws {
        _ = try await rows(sql, database: database)
    }

    /// Runs a query as the superuser and returns its rows, each value as text.
    public func rows(_ sql: String, database: String = "postgres") async throws -> [[String?]] {
        let conninfo = uri(database: database)
        return try await offPool { try runSQL(sql, conninfo: conninfo) }
    }

    /// The URI of a database over the unix socket.
    public nonisolated func uri(database: String) -> String {
        let host = folder.replacing("/", with: "%2F")
        return "postgresql://postgres@\(host):\(port)/\(database)"
    }

    /// The URI of a database over TCP.
    public nonisolated func tcpURI(database: String) -> String {
        "postgresql://postgres@127.0.0.1:\(port)/\(database)"
    }
}

/// Why there is no PostgreSQL to test with.
public struct PostgresServerError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

private actor SharedServer {
    private var starting: Task<PostgresServer, any Error>?

    func server() async throws -> PostgresServer {
        let task = starting ?? Task { try await PostgresServer.start(fsync: false) }
        starting = task
        return try await task.value
    }
}

/// Runs what blocks on a thread that may.
func offPool<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
    }
}

func offPool<T: Sendable>(_ work: @escaping @Sendable () -> T) async -> T {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: work()) }
    }
}
