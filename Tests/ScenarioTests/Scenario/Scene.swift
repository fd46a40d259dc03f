import APIClient
import Foundation
import Synchronization
import Testing

/// A folder and the programs that run in it; gone when the scenario is over.
final class Scene: Sendable {
    let folder: String
    private let programs = Mutex<[Program]>([])
    private let clients = Mutex<[APIClient]>([])
    private let counter = Mutex(0)

    private init() throws {
        try Watchdog.wake()
        folder = "\(Watchdog.folder)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/home", withIntermediateDirectories: true)
    }

    /// Plays a scenario; when it throws, what its programs said is shown.
    static func play(_ scenario: (Scene) async throws -> Void) async throws {
        let scene = try Scene()
        do { try await scenario(scene) } catch {
            Issue.record("it was thrown: \(error)\n\(scene.whatWasSaid)")
            await scene.end()
            throw error
        }
        await scene.end()
    }

    /// What programs see where a scenario says nothing else.
    var environment: [String: String] {
        [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder + "/home", "LANG": "C.UTF-8", "USER": "scenario",
            "LOGNAME": "scenario", "SHELL": "/bin/sh", Watchdog.variable: Watchdog.mark,
        ]
    }

    /// A path in the folder.
    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    }

    /// Starts a program.
    func start(
        _ executable: String, _ arguments: [String], environment changes: [String: String] = [:]
    ) throws -> Program {
        let number = counter.withLock { counter in
            counter += 1
            return counter
        }
        let program = try Program(
            executable, arguments, environment: environment.merging(changes) { $1 }, files: path("program-\(number)"))
        programs.withLock { $0.append(program) }
        return program
    }

    /// Runs a program to its end.
    func run(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:],
        within limit: Duration = .seconds(60)
    ) async throws -> Ending {
        let program = try start(executable, arguments, environment: environment)
        let status = try await program.end(within: limit)
        return Ending(status: status, output: program.output, error: program.errorText)
    }

    /// Has a client's connections closed in the end.
    func keep(_ client: APIClient) -> APIClient {
        clients.withLock { $0.append(client) }
        return client
    }

    private func end() async {
        for client in clients.withLock({ $0 }) { await client.shutdown() }
        for program in programs.withLock({ $0 }) where program.isRunning { _ = try? await program.kill() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private var whatWasSaid: String {
        programs.withLock { $0 }.map { program in
            "== \(program.name)\n\(program.outputText.suffix(1000))\n\(program.errorText.suffix(3000))"
        }.joined(separator: "\n")
    }
}
