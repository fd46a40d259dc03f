import Foundation
import Synchronization

/// A process with its output in files, so that nobody has to read along and no inherited pipe keeps anybody waiting.
package final class Program: Sendable {
    package let name: String
    private let pid: pid_t
    private let status = Mutex<Int32?>(nil)
    private let outputPath: String
    private let errorPath: String

    /// - Parameters:
    ///   - files: how the paths of the files for its output begin; it runs in their folder.
    ///   - environment: all of it; nothing is inherited.
    package init(_ executable: String, _ arguments: [String], environment: [String: String], files: String) throws {
        name = ([(executable as NSString).lastPathComponent] + arguments).joined(separator: " ")
        (outputPath, errorPath) = (files + ".out", files + ".err")
        let spawn = Spawn(
            arguments: [executable] + arguments, environment: environment,
            folder: (files as NSString).deletingLastPathComponent, output: outputPath, error: errorPath)
        pid = try spawn()
    }

    package var isRunning: Bool { status.withLock { look(&$0) } == nil }
    package var output: [UInt8] { Array(FileManager.default.contents(atPath: outputPath) ?? Data()) }
    package var outputText: String { String(decoding: output, as: UTF8.self) }
    package var errorText: String {
        String(decoding: FileManager.default.contents(atPath: errorPath) ?? Data(), as: UTF8.self)
    }

    package func send(_ signal: Int32) {
        // Until it was waited for, the number belongs to nobody else.
        status.withLock { if look(&$0) == nil { Foundation.kill(pid, signal) } }
    }

    /// Its exit status once it has ended; 128 and the signal's number where a signal ended it.
    /// - Throws: ``ScenarioError`` after the limit; the process is killed then.
    @discardableResult
    package func end(within limit: Duration = .seconds(60)) async throws -> Int32 {
        let deadline = ContinuousClock.now + limit
        while true {
            if let status = status.withLock({ look(&$0) }) { return status }
            guard ContinuousClock.now < deadline else {
                send(SIGKILL)
                throw ScenarioError("'\(name)' did not end within \(limit)")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Sends the signal that nobody can ignore, and returns when the process is gone.
    package func kill() async throws {
        send(SIGKILL)
        try await end()
    }

    private func look(_ status: inout Int32?) -> Int32? {
        if let status { return status }
        var word: Int32 = 0
        guard waitpid(pid, &word, WNOHANG) == pid else { return nil }
        let signal = word & 0x7F
        status = signal == 0 ? (word >> 8) & 0xFF : 128 + signal
        return status
    }
}

/// Why a scenario could not be played.
package struct ScenarioError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// What a program that has ended left.
package struct Ending: Sendable {
    package var status: Int32
    package var output: [UInt8]
    package var error: String

    package var text: String { String(decoding: output, as: UTF8.self) }
}
