/// All runs of `make chaos`, one after the other.
package struct ChaosPlan: Sendable {
    private let runs: [ChaosSettings]

    /// The shortest plan in which times are measured as well.
    private static let secondsToMeasure = 300

    /// - Parameter seconds: for all of it; most of them are the storm's over the fleet.
    package init(seconds: Int, seed: UInt64, histories: String) {
        let file = { (name: String) in "\(histories)/\(name)-\(seed).jsonl" }
        let single = max(10, seconds / 7)
        let isMeasured = seconds >= Self.secondsToMeasure
        // Starting, ending and looking at what is there take time as well.
        let storm = max(15, seconds - single - (isMeasured ? 170 : seconds / 20))
        let storms = [
            ChaosSettings(
                shape: .fleet, seed: seed, seconds: storm, builds: max(20, storm), paceMilliseconds: 2500,
                history: file("fleet")),
            ChaosSettings(
                shape: .single, seed: seed, seconds: single, builds: max(10, single * 3 / 4), paceMilliseconds: 4000,
                history: file("single")),
        ]
        runs =
            storms + (isMeasured ? [Self.workerKills(seed, file("kills")), Self.crashes(seed, file("crashes"))] : [])
    }

    /// How soon what a dead worker had is executed again, with the settings that users have. Every worker is busy when
    /// two are killed, and the others are idle when the leases run out, so that nothing waits for anything else. The
    /// two stay away: one that comes back says itself what it lost.
    private static func workerKills(_ seed: UInt64, _ history: String) -> ChaosSettings {
        var settings = ChaosSettings(
            shape: .fleet, seed: seed, seconds: 6, builds: 8, paceMilliseconds: 0, intervals: .standard,
            history: history)
        settings.workload = .long
        settings.recoverySeconds = 25
        settings.faults = (0..<2).map { number in
            Fault(kind: .killWorker, target: number, atMilliseconds: 8000, lengthMilliseconds: 35_000)
        }
        return settings
    }

    /// How soon after a crash of PostgreSQL builds are claimed as often as before, with nothing else broken.
    private static func crashes(_ seed: UInt64, _ history: String) -> ChaosSettings {
        var settings = ChaosSettings(
            shape: .fleet, seed: seed, seconds: 60, builds: 240, paceMilliseconds: 0, intervals: .standard,
            history: history)
        settings.workload = .brief
        settings.faults = [14, 29, 44].map { second in
            Fault(kind: .crashDatabase, target: 0, atMilliseconds: second * 1000, lengthMilliseconds: 1000)
        }
        return settings
    }

    /// - Returns: whether every promise was kept.
    package func play(say: @escaping @Sendable (String) -> Void) async throws -> Bool {
        var outcomes: [Outcome] = []
        for settings in runs { outcomes.append(try await ChaosRun.play(settings, say: say)) }
        for outcome in outcomes { say(Report(outcome).text) }
        let violations = outcomes.reduce(0) { $0 + $1.violations.count }
        say("\nmini-ci chaos: \(violations) violations")
        return violations == 0
    }
}
