import APIClient
import Foundation
import Synchronization

/// A folder and the programs that run in it; gone when the scenario is over.
package final class Scene: Sendable {
    package let folder: String
    private let programs = Mutex<[Program]>([])
    private let clients = Mutex<[APIClient]>([])
    private let counter = Mutex(0)

    /// Makes the folder.
    package init() throws {
        try Watchdog.wake()
        folder = "\(Watchdog.folder)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/home", withIntermediateDirectories: true)
    }

    /// What programs see where a scenario says nothing else.
    package var environment: [String: String] {
        [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder + "/home", "LANG": "C.UTF-8", "USER": "scenario",
            "LOGNAME": "scenario", "SHELL": "/bin/sh", Watchdog.variable: Watchdog.mark,
        ]
    }

    /// A path in the folder.
    package func path(_ name: String) -> String { "\(folder)/\(name)" }

    package func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    }

    /// Starts a program.
    package func start(
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
    package func run(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:],
        within limit: Duration = .seconds(60)
    ) async throws -> Ending {
        let program = try start(executable, arguments, environment: environment)
        let status = try await program.end(within: limit)
        return Ending(status: status, output: program.output, error: program.errorText)
    }

    /// Has a client's connections closed in the end.
    package func keep(_ client: APIClient) -> APIClient {
        clients.withLock { $0.append(client) }
        return client
    }

    /// Ends what still runs and removes the folder.
    package func end() async {
        for client in clients.withLock({ $0 }) { await client.shutdown() }
        for program in programs.withLock({ $0 }) where program.isRunning { _ = try? await program.kill() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// What the programs printed last, for whoever looks for the cause of a failure.
    package var whatWasSaid: String {
        programs.withLock { $0 }.map { program in
            "== \(program.name)\n\(program.outputText.suffix(1000))\n\(program.errorText.suffix(3000))"
        }.joined(separator: "\n")
    }
}
