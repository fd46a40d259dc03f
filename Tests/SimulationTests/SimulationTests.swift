import Foundation
import Simulation
import Testing

/// The simulator finds nothing in what is right, and what is wrong in what was made wrong.
@Suite struct SimulationTests {
    @Test func aFixedSetOfSeedsFindsNothing() async {
        #expect(await first(in: 1...150) == nil)
    }

    /// Seeds that have found something once.
    @Test(arguments: [
        // A server looked for expired leases, stood still, and ended an attempt that was renewed meanwhile.
        3483, 3822, 3887, 5271, 5807,
    ]) func whatWasFoundOnceIsNotFoundAgain(seed: UInt64) async {
        #expect(await run(SimulationSettings(seed: seed)).violations.isEmpty)
    }

    /// New ground with every run. A seed that finds something stands in the message and can be run again.
    @Test func freshSeedsFindNothing() async {
        let start = UInt64.random(in: 1...1_000_000_000)
        #expect(await first(in: start...(start + 100)) == nil)
    }

    @Test(arguments: PlantedBug.allCases) func aPlantedMistakeIsFound(bug: PlantedBug) async throws {
        let found = try #require(await first(in: 1...2000, bug: bug), "2,000 seeds have not found \(bug.rawValue)")
        #expect(!found.violations.isEmpty)
    }

    @Test(arguments: FaultKind.allCases) func everyKindOfFaultHappens(kind: FaultKind) async {
        guard kind != .clock else { return }
        var count = 0
        for seed in UInt64(1)...30 {
            let report = await run(SimulationSettings(seed: seed, faults: [kind]))
            #expect(Set(report.faults.keys).isSubset(of: [kind]))
            count += report.faults[kind] ?? 0
        }
        #expect(count > 0)
    }

    @Test func withoutFaultsNearlyEveryBuildHasOneAttempt() async {
        let report = await run(SimulationSettings(seed: 5, builds: 30, faults: []))
        #expect(report.violations.isEmpty)
        #expect(report.faults.isEmpty)
        // One that is canceled while it waits has none.
        #expect((20...40).contains(report.attempts))
    }

    /// - Returns: the first run that found something.
    private func first(in seeds: ClosedRange<UInt64>, bug: PlantedBug? = nil) async -> SimulationReport? {
        for seed in seeds {
            let report = await run(SimulationSettings(seed: seed, bug: bug))
            if !report.violations.isEmpty { return report }
        }
        return nil
    }

    /// On a thread of its own, because a run takes its thread for itself.
    private func run(_ settings: SimulationSettings) async -> SimulationReport {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Simulation.run(settings)) }
        }
    }
}
