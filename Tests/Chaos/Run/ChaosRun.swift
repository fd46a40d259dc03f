import APIClient
import APISchema
import BuildDomain
import Foundation
import ScenarioSupport
import TestSupport

/// One run: builds are submitted and followed while faults are injected, then everything is mended, ended and looked
/// at.
package struct ChaosRun: Sendable {
    package let settings: ChaosSettings
    let scene: Scene
    let recorder: Recorder
    let say: @Sendable (String) -> Void

    /// - Parameter say: told how it goes.
    package static func play(
        _ settings: ChaosSettings, say: @escaping @Sendable (String) -> Void
    ) async throws -> Outcome {
        let scene = try Scene()
        do {
            let run = ChaosRun(
                settings: settings, scene: scene, recorder: try Recorder(path: settings.history), say: say)
            let outcome = try await run.play()
            await scene.end()
            return outcome
        } catch {
            say("\(error)\n\(scene.whatWasSaid)")
            await scene.end()
            throw error
        }
    }

    private func play() async throws -> Outcome {
        let house = try await build()
        do {
            let faults =
                settings.faults
                ?? Schedule(
                    seed: settings.seed, length: settings.seconds * 1000, lease: settings.intervals.lease,
                    pace: settings.paceMilliseconds, sites: house.sites
                ).faults
            recorder.record(.began(seed: settings.seed, faults: faults))
            say("seed \(settings.seed), \(settings.builds) builds, \(faults.count) faults:")
            for fault in faults { say("  \(fault)") }
            let calm = try await storm(house, faults)
            let inspection = Inspection(house: house, recorder: recorder, say: say)
            try await inspection.readBuilds()
            try await house.drainAll()
            try await inspection.readWhatIsLeft(shape: settings.shape)
            await house.leave()
            var refusals = 0
            for machine in house.servers + house.workers { refusals += await machine.refusals }
            return Outcome(
                settings: settings, entries: try recorder.entries(), secondsToCalm: calm, refusedStarts: refusals)
        } catch {
            await house.leave()
            throw error
        }
    }

    private func build() async throws -> House {
        switch settings.shape {
        case .fleet:
            let house = try await House.fleet(
                servers: 2, workers: 4, intervals: settings.intervals, in: scene, recorder: recorder, say: say)
            try await house.startAll()
            return house
        case .single:
            return try await House.single(intervals: settings.intervals, in: scene, recorder: recorder)
        }
    }

    /// - Returns: how many seconds it took from the last repair until everything had ended.
    private func storm(_ house: House, _ faults: [Fault]) async throws -> Double {
        let repository = try await scene.repository()
        let start = ContinuousClock.now
        let users = Task { await live(in: house, repository, since: start) }
        do { try await breakAndMend(house, faults, since: start) } catch {
            users.cancel()
            await users.value
            throw error
        }
        let mended = max(ContinuousClock.now, start + .seconds(settings.seconds))
        say("everything is mended; \(settings.boundSeconds) s are left for what has not ended")
        let limit = Task {
            try await Task.sleep(until: mended + .seconds(settings.boundSeconds), clock: .continuous)
            users.cancel()
        }
        await users.value
        try await allEnded(house, before: mended + .seconds(settings.boundSeconds))
        limit.cancel()
        return max(0, (ContinuousClock.now - mended) / .seconds(1))
    }

    /// Faults of one place come one after the other, however long it takes to mend one; what is due meanwhile comes
    /// late.
    private func breakAndMend(_ house: House, _ faults: [Fault], since start: ContinuousClock.Instant) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for (_, faults) in Dictionary(grouping: faults, by: \.place) {
                tasks.addTask { for fault in faults { try await breakAndMend(house, fault, since: start) } }
            }
            try await tasks.waitForAll()
        }
    }

    private func breakAndMend(_ house: House, _ fault: Fault, since start: ContinuousClock.Instant) async throws {
        try await Task.sleep(until: start + .milliseconds(fault.atMilliseconds), clock: .continuous)
        recorder.record(.injected(fault: fault, at: .now))
        try await house.inject(fault)
        try await Task.sleep(for: .milliseconds(fault.lengthMilliseconds))
        try await house.mend(fault)
        recorder.record(.mended(fault: fault, at: .now))
    }

    private func live(in house: House, _ repository: Repository, since start: ContinuousClock.Instant) async {
        var generator = SeededGenerator(seed: settings.seed &+ 1)
        let plans = (0..<settings.builds).map { BuildPlan(number: $0, settings.workload, from: &generator) }
        await withTaskGroup(of: Void.self) { tasks in
            for plan in plans {
                let arrival = start + .seconds(settings.seconds) * plan.number / max(1, settings.builds)
                tasks.addTask {
                    try? await Task.sleep(until: arrival, clock: .continuous)
                    await User(house: house, repository: repository, plan: plan).live()
                }
            }
        }
    }

    /// Returns when no build is in progress, or when the time is over; what is left then is for the checker to say.
    private func allEnded(_ house: House, before deadline: ContinuousClock.Instant) async throws {
        for status in [BuildStatus.pending, .running] {
            while ContinuousClock.now < deadline {
                let page = try? await house.clients[0].builds(.init(status: status, limit: 1))
                if page?.items.isEmpty == true { break }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}
