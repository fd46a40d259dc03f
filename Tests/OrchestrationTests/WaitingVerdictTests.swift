import BuildDomain
import Orchestration
import TestSupport
import Testing

@Suite struct WaitingVerdictTests {
    private let house = House()

    @Test func aMissingLabelIsNamedWithTheNearest() async throws {
        try await register("w1", labels: ["linux", "arch=aarch64"])
        #expect(
            try await verdict(labels: ["linux", "arch=arm64"])
                == "no_worker: no worker has the label `arch=arm64` (nearest: `arch=aarch64` on w1)")
        #expect(
            try await verdict(labels: ["linx"]) == "no_worker: no worker has the label `linx` (nearest: `linux` on w1)")
        #expect(try await verdict(labels: ["gpu"]) == "no_worker: no worker has the label `gpu`")
    }

    @Test func labelsThatNobodyHasTogetherAreNamed() async throws {
        try await register("w1", labels: ["linux"])
        try await register("w2", labels: ["gpu"])
        #expect(
            try await verdict(labels: ["gpu", "linux"]) == "no_worker: no worker has all of the labels `gpu`, `linux`")
    }

    @Test func withoutAnyWorkerItSaysHowToStartOne() async throws {
        #expect(
            try await verdict() == "no_worker: no worker has ever registered; start one with `mini-ci worker`")
    }

    @Test func busyWorkersAreCountedWithTheJobsAhead() async throws {
        try await register("w1")
        try await register("w2")
        for worker in ["w1", "w2"] { _ = try await claim(worker) }
        for _ in 0..<3 { try await house.submit() }
        #expect(try await verdict() == "workers_busy: all 2 workers are busy, 3 jobs ahead")
    }

    @Test func anEstimateIsMadeOfWhatJobsTookLately() async throws {
        try await register("w1")
        let first = try await claim("w1")
        house.clock.advance(by: .seconds(60))
        try await house.services.controlPlane.finish(first, progress: noProgress, end: end())
        try await register("w1")
        _ = try await claim("w1")
        try await house.submit()
        #expect(try await verdict() == "workers_busy: the only worker is busy, 1 job ahead, about 2 min")
    }

    @Test func workersThatAreGoneOrGoingAreSaid() async throws {
        try await register("w1", isDraining: true)
        #expect(
            try await verdict() == "workers_draining: 1 worker finish what they have and take nothing new")
        house.clock.advance(by: .seconds(100))
        #expect(
            try await verdict()
                == "workers_offline: 1 worker, but none was heard of since 2026-01-31T09:05:00.000Z")
    }

    @Test func aFreeWorkerIsAboutToTakeIt() async throws {
        try await register("w1")
        #expect(try await verdict() == "starting: a worker is about to take it")
    }

    @Test func aRetrySaysUntilWhenItBacksOff() async throws {
        try await register("w1")
        let attempt = try await claim("w1")
        house.clock.advance(by: .seconds(21))
        _ = try await house.services.recoverLostAttempts.sweep()
        let build = try await house.store.build(attempt.build)
        let verdict = try #require(try await house.services.explainWaiting(build).values.first)
        #expect(verdict.cause == .backingOff)
        #expect(verdict.message.hasPrefix("backing off until 2026-01-31T09:05:2"))
        #expect(verdict.message.hasSuffix("after worker_lost"))
    }

    @Test func whatRunsOrHasEndedWaitsForNothing() async throws {
        let attempt = try await house.started()
        #expect(try await house.services.explainWaiting(try await house.store.build(attempt.build)).isEmpty)
    }

    private func register(_ name: String, labels: [String] = [], isDraining: Bool = false) async throws {
        try await house.services.controlPlane.register(
            WorkerRegistration(
                id: id(name), name: name, labels: Set(labels.map { Label(accepted: $0) }), capacity: 1, version: "1",
                isDraining: isDraining, holding: []))
    }

    private func id(_ name: String) -> WorkerID { WorkerID(high: 5, low: UInt64(name.utf8.last ?? 0)) }

    private func claim(_ worker: String) async throws -> AttemptReference {
        try await house.submit()
        return try #require(
            try await house.claim(WorkerReference(id: id(worker), name: worker)).first
        ).reference
    }

    /// Submits a build and asks why it waits.
    private func verdict(labels: [String] = []) async throws -> String {
        // Within a millisecond ids have no order.
        house.clock.advance(by: .milliseconds(1))
        let build = try await house.submit(labels: labels)
        let verdict = try #require(try await house.services.explainWaiting(build).values.first)
        _ = try await house.services.cancelBuild(build.id)
        return "\(verdict.cause.rawValue): \(verdict.message)"
    }
}
