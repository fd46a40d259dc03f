import BuildDomain
import Orchestration
import Synchronization
import TestSupport
import Testing

@testable import Worker

@Suite struct LogShipperTests {
    private let clock = ManualClock()
    private let plane = FakePlane()
    private let attempt = assignment().reference
    private let spool = MemorySpool()
    private let isGivenUp = Gate()

    @Test(.timeLimit(.minutes(1))) func aLogIsSentWhileItGrowsAndTheShipperEndsWithIt() async throws {
        let pipe = pipe()
        let shipping = ship(pipe)
        let sink = pipe.sink(step: 1)
        for number in 1...50 {
            sink.print("\(number)\n")
            try await eventually("the line arrives") { plane.record(attempt.attempt).extent.lines == number }
        }
        let seal = pipe.seal()
        try await shipping.value
        #expect(plane.record(attempt.attempt).extent == seal.extent)
    }

    @Test(.timeLimit(.minutes(1))) func anEmptyLogIsShippedWithoutACall() async throws {
        let pipe = pipe()
        _ = pipe.seal()
        try await ship(pipe).value
        #expect(plane.record(attempt.attempt).chunks.isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func whateverGoesWrongNoLineIsLostAndNoneTwice() async throws {
        plane.trouble([
            .unavailable, .answerLost, .cutAfter(lines: 1), .unavailable, .answerLost, .answerLost, .cutAfter(lines: 2),
        ])
        let pipe = pipe()
        let sink = pipe.sink(step: 1)
        for number in 1...100 { sink.print("\(number)\n", to: number % 2 == 0 ? .stdout : .stderr) }
        let shipping = ship(pipe)
        for number in 101...200 { sink.print("\(number)\n") }
        let seal = pipe.seal()
        try await settle(shipping)
        let record = plane.record(attempt.attempt)
        #expect(record.lines == (1...200).map { "\($0)" })
        #expect(record.extent == seal.extent)
        #expect(record.text == spool.bytes)
    }

    @Test(.timeLimit(.minutes(1))) func theShipperOutlivesALongAbsence() async throws {
        plane.goAway()
        let pipe = pipe()
        let shipping = ship(pipe)
        let sink = pipe.sink(step: 1)
        let start = clock.now
        for number in 1...40 {
            sink.print("\(number)\n")
            try await eventually("it waits") { clock.sleeperCount == 1 }
            let pause = try #require(clock.untilNext)
            #expect(pause <= Persistence.longestPause * 1.5)
            clock.advance(by: pause)
        }
        #expect(clock.now - start > .seconds(60))
        _ = pipe.seal()
        plane.goAway(false)
        try await settle(shipping)
        #expect(plane.record(attempt.attempt).lines == (1...40).map { "\($0)" })
    }

    @Test(.timeLimit(.minutes(1))) func anAbsenceOverTheLimitEndsIt() async throws {
        plane.goAway()
        let pipe = pipe()
        pipe.sink(step: 1).print("a\n")
        let shipping = ship(pipe, limit: .seconds(60))
        await #expect(throws: ControlPlaneError.unavailable("away")) { try await settle(shipping) }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [FakePlane.Trouble.stale, .rejected, .forgotten])
    func whatCannotBeRepeatedEndsIt(trouble: FakePlane.Trouble) async throws {
        let pipe = pipe()
        pipe.sink(step: 1).print("a\n")
        let shipping = ship(pipe)
        try await eventually("the line arrives") { plane.record(attempt.attempt).extent.lines == 1 }
        plane.trouble([trouble])
        pipe.sink(step: 1).print("b\n")
        await #expect(throws: ControlPlaneError.self) { try await shipping.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test(.timeLimit(.minutes(1))) func nothingIsSentOfAnAttemptThatWasGivenUp() async throws {
        isGivenUp.open()
        let pipe = pipe()
        pipe.sink(step: 1).print("a\n")
        await #expect(throws: ControlPlaneError.stale) { try await ship(pipe).value }
        #expect(plane.record(attempt.attempt).chunks.isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func aCancelledShipperEnds() async throws {
        let pipe = pipe()
        let shipping = ship(pipe)
        await giveWay()
        shipping.cancel()
        await #expect(throws: ControlPlaneError.self) { try await shipping.value }
    }

    private func pipe() -> LogPipe { LogPipe(spool: spool, timekeeper: clock, limits: LogLimits()) }

    private func ship(_ pipe: LogPipe, limit: Duration = .seconds(3600)) -> Task<Void, any Error> {
        let surroundings = Surroundings(timekeeper: clock, entropy: SeededEntropy())
        let shipper = LogShipper(
            pipe: pipe, attempt: attempt, controlPlane: plane,
            persist: Persistence(surroundings: surroundings, limit: limit),
            isGivenUp: { [isGivenUp] in isGivenUp.isOpen })
        return Task { try await shipper.run() }
    }

    /// Lets time go by until the shipper has ended.
    private func settle(_ shipping: Task<Void, any Error>) async throws {
        let done = Gate()
        let watching = Task {
            _ = await shipping.result
            done.open()
        }
        try await eventually("the shipper ends") {
            if let next = clock.untilNext { clock.advance(by: next) }
            return done.isOpen
        }
        await watching.value
        try await shipping.value
    }
}
