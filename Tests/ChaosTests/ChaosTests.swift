import Chaos
import Foundation
import Testing

/// The short form of `make chaos`: the same faults, real kills, fewer builds.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ChaosTests {
    @Test func aFleetKeepsItsPromises() async throws {
        try await play(.fleet, seconds: 20, builds: 24, pace: 900)
    }

    @Test func oneMachineKeepsItsPromises() async throws {
        try await play(.single, seconds: 12, builds: 10, pace: 1500)
    }

    private func play(_ shape: ChaosSettings.Shape, seconds: Int, builds: Int, pace: Int) async throws {
        let history = NSTemporaryDirectory() + "mini-ci-chaos-\(UUID().uuidString).jsonl"
        let settings = ChaosSettings(
            shape: shape, seed: 1, seconds: seconds, builds: builds, paceMilliseconds: pace, history: history)
        let outcome = try await ChaosRun.play(settings) { _ in }
        #expect(outcome.violations.isEmpty, "\(Report(outcome).text)")
        #expect(outcome.findings.injected.contains { $0.fault.kind == .killServer })
        // A history that broke its promises stays for whoever looks into it.
        if outcome.violations.isEmpty { try FileManager.default.removeItem(atPath: history) }
    }
}
