import APIClient
import APISchema
import BuildDomain
import Foundation

/// Five million lines: stored whole, how fast, and with how much memory.
enum LogSpeed {
    static let lines = 5_000_000

    static func run(_ folder: String) async throws -> [Figure] {
        let repository = try makeRepository(in: folder)
        let up = try await UpProcess(folder: folder)
        _ = try await up.end(of: try await up.submit(repository, "true").id)
        let floor = try await bestOf(3) { try shell("seq 1 \(lines) | cat > \(folder)/direct") }
        let expected = try shell("sha256sum < \(folder)/direct").prefix(64)
        try up.resetPeak()
        var best = Double.infinity
        var sum = ""
        for _ in 0..<3 {
            let build = try await up.submit(repository, "seq 1 \(lines)")
            let end = try await up.quietEnd(of: build.id)
            guard let attempt = end.jobs.first?.attempts.last, let from = attempt.steps.last?.startedAt,
                let to = attempt.finishedAt
            else { throw BenchmarkError("the build has no times") }
            best = min(best, (to - from) / .seconds(1))
            let command =
                "curl -sf -H 'Authorization: Bearer \(up.token)' '\(up.url)/api/v1/builds/\(build.id)/logs?step=2'"
            sum = String(try shell("\(command) | sha256sum").prefix(64))
            guard sum == expected else { throw BenchmarkError("the stored log is not what seq printed") }
        }
        let peak = try up.memory("VmHWM:") / 1024
        await up.stop()
        let size = Double(try shell("stat -c %s \(folder)/direct").trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        let speed = size / 1e6 / best
        let floorSpeed = size / 1e6 / floor
        return [
            Figure(
                name: "log of seq 1 \(lines), sealed and equal", unit: "MB/s", ours: speed, floor: floorSpeed,
                floorName: "seq | cat > file", goal: ">= 0.25 of floor", isMet: speed >= 0.25 * floorSpeed),
            Figure(
                name: "up: peak memory meanwhile", unit: "MB", ours: peak, floor: nil, floorName: nil, goal: "< 200",
                isMet: peak < 200),
        ]
    }

    private static func bestOf(_ rounds: Int, _ body: () throws -> Void) async throws -> Double {
        var best = Double.infinity
        for _ in 0..<rounds { best = min(best, try await seconds { try body() }) }
        return best
    }
}
