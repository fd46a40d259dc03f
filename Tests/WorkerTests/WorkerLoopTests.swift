import BuildDomain
import Orchestration
import Synchronization
import TestSupport
import Testing

@testable import Worker

@Suite struct WorkerLoopTests {
    private let gate = Gate()

    @Test(.timeLimit(.minutes(1))) func aWorkerSaysWhoItIsBeforeItAsksForWork() async throws {
        let shop = Workshop(capacity: 4) { _, _, _ in .exited(0) }
        try await shop.open { try await eventually("it asks") { shop.plane.openCalls == 2 } }
        // Once at the start, once when it goes.
        let registrations = shop.plane.registrations
        #expect(registrations.count == 2)
        #expect(registrations.map(\.isDraining) == [false, true])
        #expect(registrations.allSatisfy { $0.name == "worker-1" && $0.capacity == 4 && $0.holding.isEmpty })
    }

    @Test(.timeLimit(.minutes(1))) func aWorkerThatIsNotAcceptedGivesUp() async throws {
        let shop = Workshop { _, _, _ in .exited(0) }
        shop.plane.rejectWorkers()
        await #expect(throws: ControlPlaneError.rejected("no")) { try await shop.loop.run() }
    }

    @Test(.timeLimit(.minutes(1))) func aWorkerWaitsForItsControlPlaneToCome() async throws {
        let shop = Workshop { _, _, _ in .exited(0) }
        shop.plane.goAway()
        try await shop.open {
            for _ in 0..<20 {
                try await eventually("it waits") { shop.clock.sleeperCount == 1 }
                shop.clock.advance(by: shop.clock.untilNext ?? .zero)
            }
            shop.plane.goAway(false)
            try await shop.passTime(until: "it registers") { !shop.plane.registrations.isEmpty }
        }
    }

    @Test(.timeLimit(.minutes(1))) func noMoreRunsAtOnceThanTheCapacity() async throws {
        let shop = Workshop(capacity: 3) { _, _, output in
            for number in 0..<20 {
                output.print("\(number)\n")
                await Task.yield()
            }
            return .exited(0)
        }
        let jobs = (1...40).map { assignment($0) }
        try await shop.open {
            shop.plane.offer(jobs)
            try await eventually("all end") { shop.plane.ended.count == jobs.count }
        }
        #expect(shop.runner.mostRunning <= 3)
        for job in jobs {
            #expect(shop.plane.record(job.reference.attempt).end?.outcome == .success)
            #expect(shop.plane.record(job.reference.attempt).lines.count == 21)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aFullWorkerAsksForNothingUntilThereIsRoom() async throws {
        let shop = Workshop(capacity: 2, program: gated)
        try await shop.open {
            shop.plane.offer((1...3).map { assignment($0) })
            _ = try await shop.running(assignment(1))
            _ = try await shop.running(assignment(2))
            await giveWay()
            #expect(shop.plane.waitingOffers == 1)
            #expect(shop.loop.runningCount == 2)
            gate.open()
            try await eventually("all end") { shop.plane.ended.count == 3 }
        }
    }

    @Test(.timeLimit(.minutes(1))) func anAttemptThatIsHandedOutTwiceIsExecutedOnce() async throws {
        let shop = Workshop(capacity: 3, program: gated)
        try await shop.open {
            shop.plane.offer([assignment(1)])
            let execution = try await shop.running(assignment(1))
            shop.plane.offer([assignment(1)])
            try await eventually("it is handed out") { shop.plane.waitingOffers == 0 }
            await giveWay()
            gate.open()
            try await shop.ended(assignment(1))
            #expect(execution.commands.count == 1)
        }
        #expect(shop.disk.prepared.count == 1)
    }

    @Test(.timeLimit(.minutes(1))) func aDrainingWorkerFinishesItsWorkAndTakesNoMore() async throws {
        let shop = Workshop(capacity: 2, program: gated)
        let working = Task { try await shop.loop.run() }
        shop.plane.offer([assignment(1)])
        _ = try await shop.running(assignment(1))
        try await eventually("it asks for more") { shop.plane.openCalls == 2 }
        shop.loop.drain()
        try await eventually("it does not ask any more") { shop.plane.openCalls < 2 }
        shop.plane.offer([assignment(2)])
        await giveWay()
        #expect(shop.plane.waitingOffers == 1)
        #expect(shop.runner.execution(of: assignment(1).reference.attempt)?.stops.isEmpty == true)
        gate.open()
        try await working.value
        #expect(shop.plane.record(assignment(1).reference.attempt).end?.outcome == .success)
        #expect(shop.plane.waitingOffers == 1)
        try await eventually("nobody sleeps or waits any more") {
            shop.clock.sleeperCount == 0 && shop.plane.openCalls == 0
        }
    }

    @Test(.timeLimit(.minutes(1))) func aSecondStopCancelsTheWork() async throws {
        let shop = Workshop(capacity: 2) { execution, _, _ in
            await execution.stopped.wait()
            return .signaled(15)
        }
        let working = Task { try await shop.loop.run() }
        let jobs = [assignment(1), assignment(2)]
        shop.plane.offer(jobs)
        for job in jobs { _ = try await shop.running(job) }
        shop.loop.drain()
        await giveWay()
        #expect(shop.loop.runningCount == 2)
        shop.loop.cancelAll()
        try await working.value
        for job in jobs {
            #expect(shop.plane.record(job.reference.attempt).end?.outcome == .canceled)
            #expect(shop.runner.execution(of: job.reference.attempt)?.stops == [.seconds(10)])
        }
    }

    @Test(.timeLimit(.minutes(1))) func whatStartsAfterASecondStopIsCanceledToo() async throws {
        let shop = Workshop(program: gated)
        try await shop.open {
            shop.loop.cancelAll()
            shop.plane.offer([assignment()])
            try await shop.ended(assignment())
        }
        let attempt = assignment().reference.attempt
        #expect(shop.plane.record(attempt).end?.outcome == .canceled)
        #expect(shop.runner.execution(of: attempt)?.commands.isEmpty == true)
    }

    @Test(.timeLimit(.minutes(1))) func whileTheControlPlaneIsAwayWorkGoesOnAndEverythingIsDeliveredLater() async throws
    {
        let shop = Workshop(capacity: 2) { [gate] _, _, output in
            output.print("before\n")
            await gate.wait()
            for number in 1...500 { output.print("\(number)\n", to: number % 3 == 0 ? .stderr : .stdout) }
            return .exited(7)
        }
        let jobs = [assignment(1), assignment(2)]
        try await shop.open {
            shop.plane.offer(jobs)
            for job in jobs {
                let attempt = job.reference.attempt
                try await eventually("the line arrives") { shop.plane.record(attempt).lines.last == "before" }
            }
            shop.plane.goAway()
            gate.open()
            try await eventually("the work is done") { shop.runner.executions.allSatisfy { $0.isClosed } }
            let start = shop.clock.now
            try await shop.passTime(until: "a minute is over") { shop.clock.now - start > .seconds(60) }
            #expect(shop.plane.ended.isEmpty)
            #expect(shop.loop.runningCount == 2)
            shop.plane.goAway(false)
            try await shop.passTime(until: "all is delivered") { shop.plane.ended.count == 2 }
        }
        for job in jobs {
            let record = shop.plane.record(job.reference.attempt)
            #expect(record.lines == ["checking out main", "before"] + (1...500).map { "\($0)" })
            #expect(record.end?.exitCode == 7)
        }
    }

    @Test(.timeLimit(.minutes(1))) func answersThatAreLostAreAskedForAgainWithoutHarm() async throws {
        let shop = Workshop { _, _, output in
            for number in 1...10 { output.print("\(number)\n") }
            return .exited(0)
        }
        shop.plane.trouble([.answerLost, .unavailable, .answerLost])
        shop.plane.loseFinishAnswers(3)
        let attempt = assignment().reference.attempt
        try await shop.open {
            shop.plane.offer([assignment()])
            try await shop.passTime(until: "it is over") { shop.disk.removed == [attempt] }
        }
        #expect(shop.plane.ended == [attempt])
        #expect(shop.plane.record(attempt).lines.count == 11)
    }

    @Test(.timeLimit(.minutes(1))) func theControlPlaneIsToldWhatRunsAndThatTheWorkerDrains() async throws {
        let shop = Workshop(capacity: 2, program: gated)
        try await shop.open {
            shop.plane.offer([assignment(1)])
            try await shop.renewing(assignment(1))
            shop.plane.offer([assignment(2)])
            try await shop.renewing(assignment(2))
            #expect(shop.plane.renewing?.attempts.count == 2)
            #expect(shop.plane.renewing?.isDraining == false)
            gate.open()
            try await eventually("all end") { shop.plane.ended.count == 2 }
        }
    }

    /// Runs until the gate opens.
    private var gated: Program {
        { [gate] _, _, _ in
            await gate.wait()
            return .exited(0)
        }
    }
}
