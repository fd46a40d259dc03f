import Foundation

/// The program under test, as a process.
enum Binary {
    struct Result: Sendable {
        var status: Int32
        var output: String
        var error: String
    }

    /// Next to the tests, where the build puts both.
    static let path: URL = {
        // The tests run in a program of the toolchain's; its arguments name the bundle.
        let arguments = CommandLine.arguments.map { URL(fileURLWithPath: $0) }
        let bundle = arguments.first { $0.pathExtension == "xctest" } ?? Bundle.main.bundleURL
        let folders = sequence(first: bundle) { $0.path == "/" ? nil : $0.deletingLastPathComponent() }
        let candidates = folders.prefix(6).map { $0.appendingPathComponent("mini-ci") }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? bundle
    }()

    static func run(_ arguments: String...) async throws -> Result { try await run(arguments) }

    /// Runs it to its end in an environment without settings but `environment`.
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Result {
        let process = Process()
        process.executableURL = path
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"].merging(environment) { $1 }
        let (output, error) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = error
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in end.finish() }
        try process.run()
        // Both at once: whoever fills one pipe would wait for ever behind the other.
        async let outputText = text(of: output)
        async let errorText = text(of: error)
        let (standardOutput, standardError) = await (outputText, errorText)
        for await _ in ends {}
        return Result(status: process.terminationStatus, output: standardOutput, error: standardError)
    }

    private static func text(of pipe: Pipe) async -> String {
        let handle = pipe.fileHandleForReading
        let bytes = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: handle.readDataToEndOfFile()) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
