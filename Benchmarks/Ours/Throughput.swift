import APIClient
import APISchema
import BuildDomain

/// Trivial builds with a checkout each, four at once on one worker, everything durable.
enum Throughput {
    static let builds = 400

    static func run(_ folder: String) async throws -> [Figure] {
        let repository = try makeRepository(in: folder)
        let up = try await UpProcess(folder: folder, arguments: ["--capacity", "4"])
        _ = try await up.end(of: try await up.submit(repository, "true").id)
        let taken = try await seconds {
            try await withThrowingTaskGroup(of: BuildID.self) { group in
                for _ in 0..<builds { group.addTask { try await up.submit(repository, "true").id } }
                var ids: [BuildID] = []
                for try await id in group { ids.append(id) }
                // Ended in any order; the last one to end decides.
                for id in ids {
                    while try await !up.client.build(id).status.isTerminal {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                for id in ids {
                    guard try await up.client.build(id).status == .success else {
                        throw BenchmarkError("\(id) did not succeed")
                    }
                }
            }
        }
        await up.stop()
        let rate = Double(builds) / taken
        return [
            Figure(
                name: "throughput, 4 at once", unit: "builds/s", ours: rate, floor: nil, floorName: nil, goal: ">= 60",
                isMet: rate >= 60)
        ]
    }
}
