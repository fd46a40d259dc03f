import APIClient
import Foundation
import ScenarioSupport
import TestSupport

/// All that runs: servers, workers, the database, and the links between them.
package struct House: Sendable {
    package let scene: Scene
    package let recorder: Recorder
    package var servers: [Machine] = []
    package var workers: [Machine] = []
    /// First that of each worker, then that of the clients to each server.
    package var links: [Link] = []
    package var database: PostgresServer?
    package var databaseName = ""
    /// Where clients find each server.
    package var addresses: [String] = []
    package var clients: [APIClient] = []
    package var token = ""
    /// Folders of workers, or the one of `up`.
    package var dataFolders: [String] = []
    /// The folder on a small disk of its own, which can be filled.
    package var smallDisk: String?
    /// Stands in the environment of every process and every build of this house.
    package let mark = UUID().uuidString
    package let intervals: Intervals

    package static let variable = "CHAOS_MARK"

    init(scene: Scene, recorder: Recorder, intervals: Intervals) {
        self.scene = scene
        self.recorder = recorder
        self.intervals = intervals
    }

    package var sites: Schedule.Sites {
        Schedule.Sites(
            servers: servers.count, workers: workers.count, databases: database == nil ? 0 : 1, links: links.count,
            disks: smallDisk == nil ? 0 : 1)
    }

    package func startAll() async throws {
        for server in servers { try await server.start() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for worker in workers { tasks.addTask { try await worker.start() } }
            try await tasks.waitForAll()
        }
    }

    /// SIGTERM for everything, the workers first.
    package func drainAll() async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for worker in workers { tasks.addTask { try await worker.drain() } }
            try await tasks.waitForAll()
        }
        for server in servers { try await server.drain() }
    }

    /// Closes what is not a process of mini-ci.
    package func leave() async {
        for link in links { link.close() }
        if let smallDisk { _ = try? await scene.run("/bin/umount", ["-l", smallDisk]) }
        await database?.remove()
    }

    /// What stands on the command line's environment of every program here.
    func environment(_ own: [String: String] = [:]) -> [String: String] {
        var environment = intervals.environment.merging(own) { $1 }
        environment[Self.variable] = mark
        return environment
    }

    mutating func addClient(_ address: String) throws {
        addresses.append(address)
        clients.append(scene.keep(APIClient(server: try ServerAddress(address), token: token)))
    }
}

/// The settings that say how quickly what is lost is noticed, in milliseconds.
package struct Intervals: Sendable, Hashable {
    package var lease: Int
    package var renew: Int
    package var sweep: Int
    package var longPoll: Int
    package var claimPoll: Int

    /// As short as a run of seconds needs them.
    package static let short = Intervals(lease: 3000, renew: 600, sweep: 300, longPoll: 3000, claimPoll: 1000)
    /// What users have who set nothing.
    package static let standard = Intervals(lease: 20_000, renew: 5000, sweep: 2000, longPoll: 30_000, claimPoll: 5000)

    var environment: [String: String] {
        [
            "MINI_CI_LEASE_MS": "\(lease)", "MINI_CI_RENEW_MS": "\(renew)", "MINI_CI_SWEEP_MS": "\(sweep)",
            "MINI_CI_LONG_POLL_MS": "\(longPoll)", "MINI_CI_CLAIM_POLL_MS": "\(claimPoll)",
        ]
    }
}
