import Foundation
import Synchronization

/// A process with its output in files, so that nobody has to read along and no inherited pipe keeps anybody waiting.
final class Program: Sendable {
    let name: String
    private let process = Process()
    private let status = Mutex<Int32?>(nil)
    private let outputPath: String
    private let errorPath: String

    /// - Parameters:
    ///   - files: how the paths of the files for its output begin.
    ///   - environment: all of it; nothing is inherited.
    init(_ executable: String, _ arguments: [String], environment: [String: String], files: String) throws {
        name = ([(executable as NSString).lastPathComponent] + arguments).joined(separator: " ")
        (outputPath, errorPath) = (files + ".out", files + ".err")
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = URL(fileURLWithPath: files).deletingLastPathComponent()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.file(outputPath)
        process.standardError = try Self.file(errorPath)
        process.terminationHandler = { [weak self] process in
            let signal = process.terminationReason == .uncaughtSignal ? 128 as Int32 : 0
            self?.status.withLock { $0 = signal + process.terminationStatus }
        }
        try Self.withoutBlockedSignals { try process.run() }
    }

    var pid: pid_t { process.processIdentifier }
    var isRunning: Bool { status.withLock { $0 == nil } }
    var output: [UInt8] { Array(FileManager.default.contents(atPath: outputPath) ?? Data()) }
    var outputText: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { String(decoding: FileManager.default.contents(atPath: errorPath) ?? Data(), as: UTF8.self) }

    func send(_ signal: Int32) {
        // Until it was waited for, the number belongs to nobody else.
        if isRunning { Foundation.kill(pid, signal) }
    }

    /// Its exit status once it has ended; 128 and the signal's number where a signal ended it.
    /// - Throws: ``ScenarioError`` after the limit; the process is killed then.
    @discardableResult
    func end(within limit: Duration = .seconds(60)) async throws -> Int32 {
        let deadline = ContinuousClock.now + limit
        while true {
            if let status = status.withLock({ $0 }) { return status }
            guard ContinuousClock.now < deadline else {
                send(SIGKILL)
                throw ScenarioError("'\(name)' did not end within \(limit)")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Sends the signal that nobody can ignore, and returns when the process is gone.
    func kill() async throws {
        send(SIGKILL)
        try await end()
    }

    /// A new process starts with the signal mask of the thread that starts it, and some threads block everything.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    private static func file(_ path: String) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        guard let handle = FileHandle(forWritingAtPath: path) else { throw ScenarioError("\(path) cannot be written") }
        return handle
    }
}

/// Why a scenario could not be played.
struct ScenarioError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// What a program that has ended left.
struct Ending: Sendable {
    var status: Int32
    var output: [UInt8]
    var error: String

    var text: String { String(decoding: output, as: UTF8.self) }
}
