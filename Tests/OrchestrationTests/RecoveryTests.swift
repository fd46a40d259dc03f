import BuildDomain
import Orchestration
import Synchronization
import TestSupport
import Testing

@Suite struct RegisterWorkerTests {
    private let house = House()

    @Test func attemptsThatAWorkerComesBackWithoutAreOfferedAgainAtOnce() async throws {
        let kept = try await house.started()
        let lost = try await house.started()
        try await register(holding: [kept.attempt])
        #expect(try await house.store.liveAttempts(of: worker.id) == [kept])
        let build = try await house.store.build(lost.build)
        #expect(build.jobs.first?.status == .pending)
        #expect(build.jobs.first?.attempts.first?.end?.reason == .workerLost)
        #expect(build.jobs.first?.attempts.first?.end?.error?.contains("worker-1 was restarted") == true)
        // After the pause that every fault of the system costs.
        #expect(try await house.claim().isEmpty)
        house.clock.advance(by: .seconds(2))
        #expect(try await house.claim().first?.reference.build == lost.build)
    }

    @Test func registeringAgainChangesNothing() async throws {
        let attempt = try await house.started()
        for _ in 0..<3 { try await register(holding: [attempt.attempt]) }
        #expect(try await house.store.workers().workers.map(\.running) == [1])
        #expect(try await house.status(of: attempt) == .running)
    }

    @Test func anotherWorkersAttemptsAreNotTouched() async throws {
        try await house.submit()
        let other = WorkerReference(id: WorkerID(high: 2, low: 2), name: "worker-2")
        let attempt = try #require(try await house.claim(other).first).reference
        try await register(holding: [])
        #expect(try await house.store.liveAttempts(of: other.id) == [attempt])
    }

    @Test(arguments: [StoreError.broken("unreadable"), .unavailable("busy")])
    func oneAttemptThatCannotBeEndedDoesNotHoldUpTheOthers(failure: StoreError) async throws {
        for _ in 0..<3 { _ = try await house.started() }
        // The first to be looked at: the others come after it.
        let stubborn = try #require(try await house.store.liveAttempts(of: worker.id).first)
        house.store.failChanges(of: stubborn.build, with: failure)
        var refusal: ControlPlaneError?
        do throws(ControlPlaneError) { try await register(holding: []) } catch { refusal = error }
        // What may pass is repeated by the worker, what cannot must not keep it out.
        #expect(refusal == (failure == .unavailable("busy") ? .unavailable("busy") : nil))
        #expect(try await house.store.liveAttempts(of: worker.id) == [stubborn])
        house.store.failChanges(of: nil, with: failure)
        try await register(holding: [])
        #expect(try await house.store.liveAttempts(of: worker.id).isEmpty)
    }

    @Test func aWorkerThatSaysGoodbyeStaysKnownAsDraining() async throws {
        try await register(holding: [])
        #expect(try await house.store.workers().workers.map(\.worker.isDraining) == [false])
        try await register(holding: [], isDraining: true)
        #expect(try await house.store.workers().workers.map(\.worker.isDraining) == [true])
    }

    private func register(holding: [AttemptID], isDraining: Bool = false) async throws(ControlPlaneError) {
        try await house.services.controlPlane.register(
            WorkerRegistration(
                id: worker.id, name: worker.name, labels: [], capacity: 2, version: "1", isDraining: isDraining,
                holding: holding))
    }
}

@Suite struct RecoverLostAttemptsTests {
    private let house = House()
    private let reports = Reports()

    @Test func aJobWhoseWorkerDiedIsOfferedAgain() async throws {
        let attempt = try await house.started()
        #expect(try await house.services.recoverLostAttempts.sweep().isEmpty)
        house.clock.advance(by: .seconds(20))
        #expect(try await house.services.recoverLostAttempts.sweep() == [attempt])
        let job = try #require(try await house.store.build(attempt.build).jobs.first)
        #expect(job.status == .pending)
        #expect(job.attempts.first?.end?.error == "the worker was not heard of for 20 s")
        #expect(try await house.services.recoverLostAttempts.sweep().isEmpty)
        await #expect(throws: ControlPlaneError.stale) {
            try await house.services.controlPlane.finish(attempt, progress: noProgress, end: end())
        }
    }

    @Test(.timeLimit(.minutes(1))) func afterItsStartAServerWaitsAWholeLeaseBeforeItDeclaresAnybodyLost() async throws {
        let attempt = try await house.started()
        house.clock.advance(by: .seconds(500))
        let running = run()
        try await tick(9)
        #expect(try await house.status(of: attempt) == .running)
        #expect(reports.all.isEmpty)
        try await tick(1)
        #expect(reports.all == ["lost 1"])
        await stop(running)
    }

    @Test(.timeLimit(.minutes(1))) func aWorkerThatRenewsMeanwhileKeepsItsWork() async throws {
        let attempt = try await house.started()
        house.clock.advance(by: .seconds(500))
        let running = run()
        for _ in 0..<30 {
            _ = try await house.store.renew([attempt.attempt], of: worker.id, for: house.leases.lease)
            try await tick(1)
        }
        #expect(reports.all.isEmpty)
        try await tick(11)
        #expect(reports.all == ["lost 1"])
        await stop(running)
    }

    @Test(.timeLimit(.minutes(1))) func afterTheStoreWasAwayItWaitsAgain() async throws {
        let attempt = try await house.started()
        let running = run()
        _ = try await house.store.renew([attempt.attempt], of: worker.id, for: .seconds(60))
        try await tick(15)
        house.store.goAway()
        try await tick(40)
        #expect(reports.all == ["failed"])
        house.store.goAway(false)
        try await tick(9)
        #expect(reports.all == ["failed"])
        try await tick(2)
        #expect(reports.all == ["failed", "lost 1"])
        await stop(running)
    }

    /// The machine slept, or somebody put its clock right: the workers had no chance to renew.
    @Test(.timeLimit(.minutes(1))) func afterALeapOfTheClockItWaitsAgain() async throws {
        let attempt = try await house.started()
        let running = run()
        _ = try await house.store.renew([attempt.attempt], of: worker.id, for: .seconds(60))
        try await tick(15)
        try await eventually("it sleeps") { house.clock.hasSleeper(in: house.leases.sweep) }
        house.clock.advance(by: .seconds(500))
        try await eventually("it sleeps again") { house.clock.hasSleeper(in: house.leases.sweep) }
        try await tick(9)
        #expect(reports.all.isEmpty)
        #expect(try await house.status(of: attempt) == .running)
        try await tick(1)
        #expect(reports.all == ["lost 1"])
        await stop(running)
    }

    private func run() -> Task<Void, Never> {
        Task { [house, reports] in await house.services.recoverLostAttempts.run { reports.add($0) } }
    }

    /// Lets so many sweeps happen.
    private func tick(_ count: Int) async throws {
        for _ in 0..<count {
            try await eventually("it sleeps") { house.clock.hasSleeper(in: house.leases.sweep) }
            house.clock.advance(by: house.leases.sweep)
            try await eventually("it sleeps again") { house.clock.hasSleeper(in: house.leases.sweep) }
        }
    }

    private func stop(_ running: Task<Void, Never>) async {
        running.cancel()
        await running.value
    }
}

/// What the sweeper said, in order.
private final class Reports: Sendable {
    private let list = Mutex<[String]>([])

    var all: [String] { list.withLock { $0 } }

    func add(_ report: SweepReport) {
        switch report {
        case .lost(let attempts): list.withLock { $0.append("lost \(attempts.count)") }
        case .ended(let builds): list.withLock { $0.append("ended \(builds.count)") }
        case .failed: list.withLock { $0.append("failed") }
        }
    }
}
