import APIClient
import APISchema
import BuildDomain
import Foundation

/// A real `mini-ci up` in a folder of its own.
final class UpProcess: Sendable {
    let url: String
    let token: String
    let client: APIClient
    /// Milliseconds from the start of the process to the first answer of `/readyz`.
    let readyAfter: Double
    private let process: Process

    static var binary: String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("mini-ci")
            .path
    }

    init(folder: String, arguments: [String] = []) async throws {
        let port = try freePort()
        url = "http://127.0.0.1:\(port)"
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.binary)
        process.arguments = ["up", "--port", String(port), "--data", folder + "/data"] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let log = folder + "/up.log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: log)
        let clock = ContinuousClock()
        let start = clock.now
        try process.run()
        let probe = APIClient(server: try ServerAddress(url), token: nil)
        while true {
            if (try? await probe.health()) != nil { break }
            guard process.isRunning, start.duration(to: clock.now) < .seconds(20) else {
                throw BenchmarkError("mini-ci up did not start; see \(log)")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
        readyAfter = start.duration(to: clock.now) / .milliseconds(1)
        await probe.shutdown()
        token = try String(contentsOfFile: folder + "/data/admin-token", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        client = APIClient(server: try ServerAddress(url), token: token)
    }

    /// Kilobytes of a line in `/proc/PID/status`: `VmRSS` now, `VmHWM` at its peak.
    func memory(_ key: String) throws -> Double {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
        guard
            let number = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({
                Double($0)
            })
        else {
            throw BenchmarkError("no \(key) in /proc")
        }
        return number
    }

    /// Forgets the peak of the memory so far.
    func resetPeak() throws { try shell("echo 5 > /proc/\(process.processIdentifier)/clear_refs") }

    func submit(_ repository: String, _ command: String) async throws -> BuildView {
        try await client.submit(BuildRequest(repoURL: repository, ref: "main", command: command), key: nil)
    }

    /// Follows a build to its end.
    func end(of id: BuildID) async throws -> BuildView {
        for try await news in client.follow(id) {
            if case .end(let build) = news { return build }
        }
        throw BenchmarkError("the stream of \(id) ended without an end")
    }

    /// Asks until a build has ended, without its log: for measurements that a follower would disturb.
    func quietEnd(of id: BuildID) async throws -> BuildView {
        while true {
            let build = try await client.build(id)
            if build.status.isTerminal { return build }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func stop() async {
        await client.shutdown()
        process.terminate()
        process.waitUntilExit()
    }
}
