import APIClient
import APISchema
import Foundation
import ScenarioSupport
import TestSupport

/// Servers and workers on a PostgreSQL database of their own.
struct Fleet: Sendable {
    let scene: Scene
    let database: String
    let adminToken: String
    let workerTokenFile: String

    /// A database with its schema, and tokens; nothing runs yet.
    static func prepare(in scene: Scene) async throws -> Fleet {
        let database = try await PostgresServer.shared().makeDatabase()
        let environment = ["MINI_CI_DATABASE_URL": database]
        let migrated = try await scene.miniCI(["migrate"], environment: environment)
        guard migrated.status == 0 else { throw ScenarioError("not migrated: \(migrated.error)") }
        let admin = try await token(.init(role: "admin", environment: environment), in: scene)
        let worker = try await token(.init(role: "worker", environment: environment), in: scene)
        try scene.write((worker + "\n").utf8, to: "worker-token")
        return Fleet(
            scene: scene, database: database, adminToken: admin, workerTokenFile: scene.path("worker-token"))
    }

    private struct TokenWish {
        var role: String
        var environment: [String: String]
    }

    private static func token(_ wish: TokenWish, in scene: Scene) async throws -> String {
        let made = try await scene.miniCI(
            ["token", "create", "--role", wish.role, "--name", "a \(wish.role)"], environment: wish.environment)
        guard made.status == 0 else { throw ScenarioError("no token: \(made.error)") }
        return made.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Starts a server and returns when it is ready.
    func server(port: String = "0") async throws -> Server {
        let program = try scene.start(
            try Product.miniCI(), ["server", "--port", port, "--allow-local-repositories"],
            environment: ["MINI_CI_DATABASE_URL": database])
        return try scene.server(program, try await scene.readyURL(of: program), adminToken, scene.path("none"))
    }

    /// Starts a worker and returns when it is ready.
    func worker(_ name: String, of server: Server, labels: [String] = [], capacity: Int = 2) async throws -> Program {
        let arguments =
            [
                "worker", "--server", server.url, "--token-file", workerTokenFile, "--name", name, "--port", "0",
                "--data", scene.path(name), "--capacity", "\(capacity)", "--allow-local-repositories",
            ] + labels.flatMap { ["--label", $0] }
        let program = try scene.start(try Product.miniCI(), arguments)
        _ = try await scene.readyURL(of: program)
        return program
    }
}
