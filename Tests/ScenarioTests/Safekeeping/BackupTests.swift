import APIClient
import APISchema
import BuildDomain
import Foundation
import ScenarioSupport
import Synchronization
import TestSupport
import Testing

/// `mini-ci backup`, and going on from one.
@Suite(.serialized, .timeLimit(.minutes(3))) struct BackupTests {
    @Test func aBackupOfABusyServerHasWhatWasAcknowledgedAndCanBeRestored() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let repository = try await scene.repository()
            let finished = try await up.run(repository, "seq 1 1000")
            let log = try await up.log(finished.build.id)
            let file = scene.path("backup.db")
            let acknowledged = try await scene.backup(of: up, to: file, whileSubmittingTo: repository)
            try await up.program.kill()

            let data = scene.path("restored")
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            try FileManager.default.moveItem(atPath: file, toPath: data + "/mini-ci.db")
            #expect(try await scene.miniCI("verify", "--data", data).status == 0)
            let restored = try await scene.up(data: data)
            #expect(try await restored.client.build(finished.build.id) == finished.build)
            #expect(try await restored.log(finished.build.id) == log)
            for id in acknowledged { #expect(try await restored.end(of: id).build.status == .success) }
            #expect(try await scene.miniCI("verify", "--data", data).status == 0)
        }
    }

    @Test func itSaysWhatItMadeAndWhatStandsInTheWay() async throws {
        try await Scene.play { scene in
            let up = try await scene.up()
            let file = scene.path("backup.db")
            let first = try await scene.miniCI("backup", "--data", up.data, file)
            #expect(first.status == 0)
            #expect(first.text.hasPrefix("\(file): "))
            #expect(first.text.contains("KiB, schema 2, checked, in "))
            #expect(first.error.isEmpty)
            let second = try await scene.miniCI("backup", "--data", up.data, file)
            #expect(second.status == 3)
            #expect(second.error.contains("\(file) is there already") && second.error.contains("--force"))
            let json = try await scene.miniCI("backup", "--data", up.data, "--force", "--json", file)
            let report = try JSONSerialization.jsonObject(with: Data(json.output)) as? [String: Any]
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? NSNumber
            #expect(report?["bytes"] as? Int == size?.intValue)
            #expect(report?["schema"] as? Int == 2)
            let nowhere = try await scene.miniCI("backup", "--data", scene.path("nowhere"), scene.path("x.db"))
            #expect(nowhere.status == 3)
            #expect(nowhere.error.contains("there is no database at"))
            let other = try await scene.miniCI(
                "backup", "--database-url", "postgres://user@127.0.0.1:1/none", scene.path("x.db"))
            #expect(other.status == 3)
            #expect(other.error.contains("pg_dump"))
            #expect(!FileManager.default.fileExists(atPath: scene.path("x.db")))
        }
    }
}

extension Scene {
    /// Makes a backup while builds are submitted from several sides.
    /// - Returns: the builds whose submits were answered before the backup began.
    fileprivate func backup(
        of up: Server, to file: String, whileSubmittingTo repository: Repository
    ) async throws -> [BuildID] {
        let submits = Submits()
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 1...4 {
                tasks.addTask {
                    while !submits.areEnough {
                        let build = try await up.submit(repository, "true")
                        submits.add(build.id)
                    }
                }
            }
            defer { submits.end() }
            try await eventually("some submits were answered") { submits.answered.count >= 12 }
            let before = submits.answered
            let ending = try await miniCI("backup", "--data", up.data, file)
            #expect(ending.status == 0, "\(ending.error)")
            submits.end()
            try await tasks.waitForAll()
            return before
        }
    }
}

/// The builds whose submits were answered, until there are enough.
private final class Submits: Sendable {
    private let state = Mutex((answered: [BuildID](), areEnough: false))

    var answered: [BuildID] { state.withLock { $0.answered } }
    var areEnough: Bool { state.withLock { $0.areEnough } }

    func add(_ build: BuildID) { state.withLock { $0.answered.append(build) } }
    func end() { state.withLock { $0.areEnough = true } }
}
