import Logging
import Orchestration
import PostgresStore
import TestSupport

/// A database with all tables on the server that the tests share, or on one of the test's own.
struct PostgresDatabase: Sendable {
    let server: PostgresServer
    let url: String

    private static let template = Template()

    /// Makes a database, lends it, and drops it.
    static func use(
        isMigrated: Bool = true, _ body: (PostgresDatabase) async throws -> Void
    ) async throws {
        let server = try await PostgresServer.shared()
        let source = isMigrated ? try await template.name(on: server) : "template0"
        let url = try await server.makeDatabase(template: source)
        do {
            try await body(PostgresDatabase(server: server, url: url))
        } catch {
            try await drop(url, on: server)
            throw error
        }
        try await drop(url, on: server)
    }

    func open(hub: SignalHub = SignalHub(), connections: Int = 8) async throws -> PostgresStore {
        try await PostgresStore.open(
            url: url, connections: connections, hub: hub,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs SQL behind the store's back.
    func run(_ sql: String) async throws { try await server.run(sql, database: Self.name(in: url)) }

    private static func drop(_ url: String, on server: PostgresServer) async throws {
        try await server.run("DROP DATABASE \(name(in: url)) WITH (FORCE)")
    }

    private static func name(in url: String) -> String { String(url.split(separator: "/").last ?? "") }
}

/// A database that is migrated once, to be copied.
private actor Template {
    private var making: Task<String, any Error>?

    func name(on server: PostgresServer) async throws -> String {
        let task =
            making
            ?? Task {
                let name = "contract_template"
                try await server.run("CREATE DATABASE \(name)")
                let database = PostgresDatabase(server: server, url: server.uri(database: name))
                let store = try await database.open()
                try await store.migrate()
                await store.close()
                return name
            }
        making = task
        return try await task.value
    }
}
