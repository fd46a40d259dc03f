import Foundation
import ScenarioSupport

/// A place where one program runs, and is started again in, as whatever keeps services does.
package actor Machine {
    package nonisolated let name: String
    private let scene: Scene
    private let recorder: Recorder
    private let arguments: [String]
    private let environment: [String: String]
    private var program: Program?
    /// Starts that the program itself ended, for want of its database, say.
    package private(set) var refusals = 0

    private static let startLimit = Duration.seconds(90)

    init(
        name: String, arguments: [String], environment: [String: String], scene: Scene, recorder: Recorder
    ) {
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.scene = scene
        self.recorder = recorder
    }

    /// Starts the program, again and again where it gives up, and returns when it is ready.
    package func start() async throws {
        let deadline = ContinuousClock.now + Self.startLimit
        while true {
            let program = try scene.start(try Product.miniCI(), arguments, environment: environment)
            self.program = program
            do {
                _ = try await scene.readyURL(of: program)
                return
            } catch {
                try await program.kill()
                refusals += 1
                guard ContinuousClock.now < deadline else { throw error }
                // As long as a service manager waits, or a little less.
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// SIGKILL.
    package func kill() async throws {
        await noteDeath()
        try await program?.kill()
    }

    /// SIGSTOP or SIGCONT.
    package func send(_ signal: Int32) { program?.send(signal) }

    /// SIGTERM, and what runs may end.
    package func drain() async throws {
        await noteDeath()
        guard let program, program.isRunning else { return }
        program.send(SIGTERM)
        let status = try await program.end(within: .seconds(90))
        if status != 0 { recorder.record(.died(program: name, why: "it drained with exit status \(status)")) }
    }

    /// Nobody but a fault ends a program.
    private func noteDeath() async {
        guard let program, !program.isRunning, let status = try? await program.end() else { return }
        let words = program.errorText.suffix(500)
        recorder.record(.died(program: name, why: "it had ended with status \(status): \(words)"))
    }
}
