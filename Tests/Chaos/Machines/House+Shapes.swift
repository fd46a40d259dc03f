import Foundation
import ScenarioSupport
import TestSupport

extension House {
    /// Servers and workers on a PostgreSQL of their own; nothing of mini-ci runs yet.
    /// - Parameter say: told why there is no disk to fill, where there is none.
    package static func fleet(
        servers: Int, workers: Int, intervals: Intervals, in scene: Scene, recorder: Recorder,
        say: @Sendable (String) -> Void
    ) async throws -> House {
        var house = House(scene: scene, recorder: recorder, intervals: intervals)
        let database = try await PostgresServer.start()
        house.database = database
        let uri = try await database.makeDatabase()
        house.databaseName = String(uri.split(separator: "/").last ?? "")
        let stored = ["MINI_CI_DATABASE_URL": uri]
        try await house.mustRun(["migrate"], stored)
        house.token = try await house.makeToken("admin", stored)
        try scene.write((try await house.makeToken("worker", stored) + "\n").utf8, to: "worker-token")
        let ports = try (0..<servers).map { _ in try freePort() }
        for (number, port) in ports.enumerated() {
            house.servers.append(
                house.machine(
                    "server-\(number)", ["server", "--port", "\(port)", "--allow-local-repositories"], stored))
        }
        for number in 0..<workers {
            let link = try Link(to: ports[number % servers])
            house.links.append(link)
            house.addWorker(number, link)
        }
        for port in ports {
            let link = try Link(to: port)
            house.links.append(link)
            try house.addClient("http://127.0.0.1:\(link.port)")
        }
        if let last = house.dataFolders.last {
            house.smallDisk = await house.mountSmallDisk(at: last, say: say) ? last : nil
        }
        return house
    }

    /// One `mini-ci up` with SQLite; it does not run yet.
    package static func single(intervals: Intervals, in scene: Scene, recorder: Recorder) async throws -> House {
        var house = House(scene: scene, recorder: recorder, intervals: intervals)
        let data = scene.path("data")
        let port = try freePort()
        house.servers = [house.machine("up", ["up", "--port", "\(port)", "--data", data, "--capacity", "4"])]
        house.dataFolders = [data]
        try await house.servers[0].start()
        house.token = try String(contentsOfFile: data + "/admin-token", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try house.addClient("http://127.0.0.1:\(port)")
        return house
    }

    private mutating func addWorker(_ number: Int, _ link: Link) {
        let name = "worker-\(number)"
        let data = scene.path(name)
        dataFolders.append(data)
        workers.append(
            machine(
                name,
                [
                    "worker", "--server", "http://127.0.0.1:\(link.port)", "--token-file", scene.path("worker-token"),
                    "--name", name, "--port", "0", "--data", data, "--capacity", "2", "--allow-local-repositories",
                ]))
    }

    private func machine(_ name: String, _ arguments: [String], _ own: [String: String] = [:]) -> Machine {
        Machine(name: name, arguments: arguments, environment: environment(own), scene: scene, recorder: recorder)
    }

    private func makeToken(_ role: String, _ environment: [String: String]) async throws -> String {
        try await mustRun(["token", "create", "--role", role, "--name", "chaos \(role)"], environment)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @discardableResult
    private func mustRun(_ arguments: [String], _ environment: [String: String]) async throws -> String {
        let ended = try await scene.miniCI(arguments, environment: environment)
        guard ended.status == 0 else { throw ScenarioError("mini-ci \(arguments[0]): \(ended.error)") }
        return ended.text
    }

    private func mountSmallDisk(at folder: String, say: (String) -> Void) async -> Bool {
        guard getuid() == 0 else {
            say("no disk is filled: only root may mount a small one")
            return false
        }
        let mounted: Ending
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            mounted = try await scene.run(
                "/bin/mount", ["-t", "tmpfs", "-o", "size=16m,mode=700", "mini-ci-chaos", folder])
        } catch {
            say("no disk is filled: \(error)")
            return false
        }
        if mounted.status != 0 { say("no disk is filled: \(mounted.error)") }
        return mounted.status == 0
    }
}
