import Chaos
import Foundation
import Testing

/// The short form of `make chaos`: the same faults, real kills, fewer builds.
@Suite(.timeLimit(.minutes(5))) struct ChaosTests {
    @Test func aFleetKeepsItsPromises() async throws {
        let broken = try await play(.fleet, seconds: 13, builds: 16, pace: 700)
        #expect(broken.isSuperset(of: [.killServer, .killWorker, .stopWorker, .crashDatabase, .halfOpen]))
    }

    @Test func oneMachineKeepsItsPromises() async throws {
        // With one place to break, faults come one after the other: short leases make them short enough for all kinds.
        var intervals = Intervals.short
        (intervals.lease, intervals.renew) = (1500, 300)
        let broken = try await play(.single, seconds: 13, builds: 8, pace: 1000, intervals)
        #expect(broken.isSuperset(of: [.killServer, .stopServer, .restartServer]))
    }

    /// - Returns: what was broken.
    private func play(
        _ shape: ChaosSettings.Shape, seconds: Int, builds: Int, pace: Int, _ intervals: Intervals = .short
    ) async throws -> Set<Fault.Kind> {
        let history = NSTemporaryDirectory() + "mini-ci-chaos-\(UUID().uuidString).jsonl"
        let settings = ChaosSettings(
            shape: shape, seed: 1, seconds: seconds, builds: builds, paceMilliseconds: pace, intervals: intervals,
            history: history)
        let outcome = try await ChaosRun.play(settings) { _ in }
        #expect(outcome.violations.isEmpty, "\(Report(outcome).text)")
        // A history that broke its promises stays for whoever looks into it.
        if outcome.violations.isEmpty { try FileManager.default.removeItem(atPath: history) }
        return Set(outcome.findings.mended.map(\.fault.kind))
    }
}
