import Foundation
import Simulation
import Synchronization

/// Runs one seed after the other on a few threads, until one finds something.
final class SeedRunner: Sendable {
    private struct State {
        var next: UInt64
        var isStopped = false
        var runs = 0
        var steps = 0
        var builds = 0
        var attempts = 0
        var simulatedSeconds = 0.0
        var faults: [FaultKind: Int] = [:]
        var failure: SimulationReport?
        var lastHash: UInt64 = 0
    }

    private let settings: SimulationSettings
    private let last: UInt64
    private let deadline: ContinuousClock.Instant?
    private let listener: (@Sendable (String) -> Void)?
    private let start = ContinuousClock.now
    private let state: Mutex<State>

    /// - Parameters:
    ///   - settings: with the first seed.
    ///   - last: the last one.
    ///   - deadline: after which no further seed is begun.
    init(
        settings: SimulationSettings, last: UInt64, deadline: ContinuousClock.Instant?,
        listener: (@Sendable (String) -> Void)?
    ) {
        self.settings = settings
        self.last = last
        self.deadline = deadline
        self.listener = listener
        state = Mutex(State(next: settings.seed))
    }

    /// - Returns: the first run that found something.
    func run(threads: Int) -> SimulationReport? {
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while let seed = takeSeed() {
                var settings = settings
                settings.seed = seed
                add(Simulation.run(settings, listener: listener))
            }
        }
        return state.withLock { $0.failure }
    }

    var summary: String {
        let state = state.withLock { $0 }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let faults = state.faults.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
        let perHour = Int(Double(state.runs) / max(seconds, 0.001) * 3600)
        return """
            \(state.runs) runs (\(perHour) per hour), \(state.builds) builds, \(state.attempts) attempts, \
            \(state.steps) steps, \(Int(state.simulatedSeconds / 3600)) h simulated in \(Int(seconds)) s
            faults: \(faults.isEmpty ? "none" : faults.joined(separator: ", "))
            \(state.runs == 1 ? "trace \(String(state.lastHash, radix: 16))\n" : "")\
            \(state.failure.map { "seed \($0.seed) found:" } ?? "nothing was lost")
            """
    }

    private func takeSeed() -> UInt64? {
        state.withLock { state in
            guard !state.isStopped, deadline.map({ ContinuousClock.now < $0 }) ?? true else { return nil }
            let seed = state.next
            if seed == last { state.isStopped = true } else { state.next += 1 }
            return seed
        }
    }

    private func add(_ report: SimulationReport) {
        state.withLock { state in
            state.runs += 1
            state.steps += report.steps
            state.builds += report.builds
            state.attempts += report.attempts
            state.simulatedSeconds += report.simulatedSeconds
            state.faults.merge(report.faults) { $0 + $1 }
            state.lastHash = report.traceHash
            guard !report.violations.isEmpty else { return }
            state.isStopped = true
            if report.seed < state.failure?.seed ?? .max { state.failure = report }
        }
    }
}
