/// `mini-ci up`: how soon it answers, how little it needs when idle.
enum Startup {
    static func run(_ folder: String) async throws -> [Figure] {
        var ready: [Double] = []
        var resident = 0.0
        for round in 0..<5 {
            let up = try await UpProcess(folder: try shell("mkdir \(folder)/\(round); printf %s \(folder)/\(round)"))
            ready.append(up.readyAfter)
            try await Task.sleep(for: .seconds(1))
            resident = try up.memory("VmRSS:") / 1024
            await up.stop()
        }
        let middle = median(ready)
        return [
            Figure(
                name: "up: ready after", unit: "ms", ours: middle, floor: nil, floorName: nil, goal: "<= 300",
                isMet: middle <= 300),
            Figure(
                name: "up: resident when idle", unit: "MB", ours: resident, floor: nil, floorName: nil, goal: "<= 60",
                isMet: resident <= 60),
        ]
    }
}
