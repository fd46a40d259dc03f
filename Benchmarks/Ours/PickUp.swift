import APIClient
import APISchema
import BuildDomain

/// From the answer to a submit to the first line of its command at a follower, with a warm mirror and nothing else to
/// do.
enum PickUp {
    static let builds = 100

    static func run(_ folder: String) async throws -> [Figure] {
        let repository = try makeRepository(in: folder)
        let up = try await UpProcess(folder: folder)
        for _ in 0..<5 { _ = try await up.end(of: try await up.submit(repository, "echo warm").id) }
        let clock = ContinuousClock()
        var times: [Double] = []
        for _ in 0..<builds {
            let build = try await up.submit(repository, "echo hello")
            let answered = clock.now
            for try await news in up.client.follow(build.id) {
                if case .line(let line) = news, line.step == 2 {
                    times.append(answered.duration(to: clock.now) / .milliseconds(1))
                    break
                }
            }
            _ = try await up.end(of: build.id)
        }
        await up.stop()
        let floor = try await cloneFloor(repository, folder)
        let middle = median(times)
        return [
            Figure(
                name: "pick-up, median of \(builds)", unit: "ms", ours: middle, floor: floor,
                floorName: "git clone --shared", goal: "<= 20", isMet: middle <= 20)
        ]
    }

    /// Cloning the repository with borrowed objects and checking it out, and nothing more.
    private static func cloneFloor(_ repository: String, _ folder: String) async throws -> Double {
        var times: [Double] = []
        for round in 0..<30 {
            times.append(
                try await seconds { try shell("exec git clone -q --shared \(repository) \(folder)/clone\(round)") }
                    * 1000)
        }
        return median(times)
    }
}
