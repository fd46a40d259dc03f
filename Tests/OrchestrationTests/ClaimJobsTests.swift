import BuildDomain
import Orchestration
import TestSupport
import Testing

@Suite struct ClaimJobsTests {
    private let house = House()

    @Test(.timeLimit(.minutes(1))) func aWaitingWorkerHearsOfANewBuildAtOnce() async throws {
        let request = ClaimRequest(worker: worker, labels: [], limit: 3, waitMilliseconds: 30_000)
        let claiming = Task { try await house.services.controlPlane.claim(request) }
        try await eventually("the claim waits") { house.clock.sleeperCount == 1 }
        let start = house.clock.now
        let build = try await house.submit()
        let claimed = try await claiming.value
        #expect(house.clock.now == start)
        let assignment = try #require(claimed.first)
        #expect(assignment.reference.build == build.id)
        #expect(assignment.attemptNumber == 1)
        #expect(assignment.job.steps.count == 2)
        #expect(assignment.leaseMilliseconds == 20_000)
        #expect(try await house.status(of: assignment.reference) == .running)
    }

    @Test(.timeLimit(.minutes(1))) func aRetriedJobWakesWhoWaits() async throws {
        let lost = try await house.started()
        let claiming = Task { try await house.services.controlPlane.claim(longRequest) }
        try await eventually("the claim waits") { house.clock.sleeperCount == 1 }
        try await house.store.change(ChangeTarget(build: lost.build)) { (build, context) throws(Refusal) in
            try build.lose(attempt: lost.attempt, error: "", retry: .immediate, random: 0, at: context.now)
        }
        #expect(try await claiming.value.first?.attemptNumber == 2)
    }

    @Test(.timeLimit(.minutes(1))) func withoutWorkTheAnswerIsEmptyWhenTheTimeIsOver() async throws {
        let claiming = Task { try await house.services.controlPlane.claim(longRequest) }
        for _ in 0..<6 {
            try await eventually("the claim waits") { house.clock.hasSleeper(in: house.leases.safetyPoll) }
            house.clock.advance(by: house.leases.safetyPoll)
        }
        #expect(try await claiming.value.isEmpty)
        #expect(house.clock.sleeperCount == 0)
    }

    @Test(.timeLimit(.minutes(1))) func aLostSignalCostsTimeButNoJob() async throws {
        let deaf = SignalHub()
        let claimJobs = ClaimJobs(
            store: house.store, hub: deaf,
            surroundings: Surroundings(timekeeper: house.clock, entropy: SeededEntropy()), settings: house.leases,
            metrics: Metrics())
        let claiming = Task { try await claimJobs(longRequest) }
        try await eventually("the claim waits") { house.clock.sleeperCount == 1 }
        try await house.submit()
        house.clock.advance(by: house.leases.safetyPoll)
        #expect(try await claiming.value.count == 1)
    }

    @Test(.timeLimit(.minutes(1))) func aCancelledClaimEnds() async throws {
        let claiming = Task { try await house.services.controlPlane.claim(longRequest) }
        try await eventually("the claim waits") { house.clock.sleeperCount == 1 }
        claiming.cancel()
        #expect(try await claiming.value.isEmpty)
        #expect(house.hub.topicCount == 0)
    }

    @Test func noMoreIsHandedOutThanAskedForAndAllowed() async throws {
        for _ in 0..<150 { try await house.submit() }
        #expect(try await house.claim(limit: 3).count == 3)
        #expect(try await house.claim(limit: 0).count == 1)
        #expect(try await house.claim(limit: 1000).count == house.leases.maximumBatch)
        #expect(try await house.claim(limit: 1000).count == 46)
        #expect(try await house.claim(limit: 1000).isEmpty)
    }

    @Test func urgentJobsGoFirstAndLabelsMustFit() async throws {
        let slow = try await house.submit(priority: -1)
        let urgent = try await house.submit(priority: 9)
        let special = try await house.submit(priority: 100, labels: ["gpu", "linux"])
        let claimed = try await house.claim(labels: ["linux"], limit: 9).map(\.reference.build)
        #expect(claimed == [urgent.id, slow.id])
        #expect(try await house.claim(labels: ["linux", "gpu", "x"]).map(\.reference.build) == [special.id])
    }

    private var longRequest: ClaimRequest {
        ClaimRequest(worker: worker, labels: [], limit: 1, waitMilliseconds: 999_999_999)
    }
}

@Suite struct RenewLeasesTests {
    private let house = House()

    @Test(.timeLimit(.minutes(1))) func aCancelIsPushedToTheWorkerAtOnce() async throws {
        let attempt = try await house.started()
        let renewing = Task { try await house.services.controlPlane.renew(request([attempt.attempt])) }
        try await eventually("the answer is held back") { house.clock.sleeperCount == 1 }
        let start = house.clock.now
        _ = try await house.services.cancelBuild(attempt.build)
        #expect(try await renewing.value == [attempt.attempt: .cancel])
        #expect(house.clock.now == start)
    }

    @Test(.timeLimit(.minutes(1))) func theCancelOfAnotherBuildIsNoNews() async throws {
        let (mine, other) = (try await house.started(), try await house.started())
        let renewing = Task { try await house.services.controlPlane.renew(request([mine.attempt])) }
        try await eventually("the answer is held back") { house.clock.sleeperCount == 1 }
        _ = try await house.services.cancelBuild(other.build)
        try await eventually("it waits on") { house.clock.hasSleeper(in: .seconds(5)) }
        house.clock.advance(by: .seconds(5))
        #expect(try await renewing.value == [mine.attempt: .held])
    }

    @Test func whatIsNotLiveIsStaleAtOnce() async throws {
        let mine = try await house.started()
        let stranger = AttemptID(high: 9, low: 9)
        let answers = try await house.services.controlPlane.renew(request([mine.attempt, stranger]))
        #expect(answers == [mine.attempt: .held, stranger: .stale])
        var foreign = request([mine.attempt])
        foreign.worker = WorkerID(high: 8, low: 8)
        #expect(try await house.services.controlPlane.renew(foreign) == [mine.attempt: .stale])
    }

    @Test(.timeLimit(.minutes(1))) func aWorkerThatIsStoppingAlreadyIsNotToldAgain() async throws {
        let attempt = try await house.started()
        _ = try await house.services.cancelBuild(attempt.build)
        var request = request([attempt.attempt])
        request.stopping = [attempt.attempt]
        let asked = request
        let renewing = Task { try await house.services.controlPlane.renew(asked) }
        try await eventually("the answer is held back") { house.clock.hasSleeper(in: .seconds(5)) }
        house.clock.advance(by: .seconds(5))
        #expect(try await renewing.value == [attempt.attempt: .cancel])
    }

    @Test func aRenewedLeaseLastsFromNow() async throws {
        let attempt = try await house.started()
        house.clock.advance(by: .seconds(15))
        var asked = request([attempt.attempt])
        asked.waitMilliseconds = 0
        _ = try await house.services.controlPlane.renew(asked)
        house.clock.advance(by: .seconds(19))
        #expect(try await house.store.expiredAttempts(limit: 9).isEmpty)
        house.clock.advance(by: .seconds(1))
        #expect(try await house.store.expiredAttempts(limit: 9) == [attempt])
    }

    @Test func aRenewalIsASignOfLife() async throws {
        try await house.services.controlPlane.register(
            WorkerRegistration(id: worker.id, name: worker.name, labels: [], capacity: 1, version: "1"))
        house.clock.advance(by: .seconds(7))
        var asked = request([])
        asked.isDraining = true
        asked.waitMilliseconds = 0
        _ = try await house.services.controlPlane.renew(asked)
        let known = try #require(try await house.store.workers().workers.first?.worker)
        #expect(known.lastSeenAt == house.clock.now)
        #expect(known.isDraining)
    }

    private func request(_ attempts: [AttemptID]) -> RenewRequest {
        RenewRequest(worker: worker.id, attempts: attempts, isDraining: false, waitMilliseconds: 5000)
    }
}
