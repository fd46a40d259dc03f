import BuildDomain
import Orchestration
import TestSupport
import Testing

@testable import Worker

/// Whatever an attempt is doing when it is to be stopped.
@Suite struct StoppingTests {
    private let job = assignment()

    /// A program that runs until it is told to stop, and has a last word.
    private let patient: Program = { execution, _, output in
        output.print("started\n")
        await execution.stopped.wait()
        output.print("last word\n")
        return .signaled(15)
    }

    @Test(.timeLimit(.minutes(1))) func whatRunsTooLongIsStopped() async throws {
        let shop = Workshop(program: patient)
        try await shop.open {
            shop.plane.offer([job])
            let execution = try await shop.running(job)
            try await eventually("its time is watched") { shop.clock.hasSleeper(in: .seconds(600)) }
            shop.clock.advance(by: .seconds(599))
            await giveWay()
            #expect(execution.stops.isEmpty)
            shop.clock.advance(by: .seconds(1))
            try await shop.ended(job)
            #expect(execution.stops == [.seconds(10)])
        }
        let record = shop.plane.record(job.reference.attempt)
        #expect(record.end?.outcome == .failed)
        #expect(record.end?.reason == .timeout)
        #expect(record.end?.signal == 15)
        #expect(record.lines.suffix(3) == ["started", "last word", "stopped: ran longer than 600 s"])
        #expect(record.progress?.steps.map(\.outcome) == [.success, .failed])
    }

    @Test(.timeLimit(.minutes(1))) func aStepThatRunsTooLongIsStopped() async throws {
        let shop = Workshop(program: patient)
        var job = job
        job.job.rules.stepTimeoutSeconds = 90
        let limited = job
        try await shop.open {
            shop.plane.offer([limited])
            let execution = try await shop.running(limited)
            try await eventually("its time is watched") { shop.clock.hasSleeper(in: .seconds(90)) }
            shop.clock.advance(by: .seconds(89))
            await giveWay()
            #expect(execution.stops.isEmpty)
            shop.clock.advance(by: .seconds(1))
            try await shop.ended(limited)
        }
        let record = shop.plane.record(job.reference.attempt)
        #expect(record.end?.reason == .stepTimeout)
        #expect(record.lines.last == "stopped: a step ran longer than 90 s")
    }

    /// Each byte begins the time anew.
    @Test(.timeLimit(.minutes(1))) func whatPrintsNothingForTooLongIsStopped() async throws {
        let second = Gate()
        let shop = Workshop { execution, _, output in
            await second.wait()
            output.print("still here\n")
            await execution.stopped.wait()
            return .signaled(15)
        }
        var job = job
        job.job.rules.noOutputTimeoutSeconds = 60
        let limited = job
        try await shop.open {
            shop.plane.offer([limited])
            let execution = try await shop.running(limited)
            try await eventually("its output is watched") { shop.clock.hasSleeper(in: .seconds(60)) }
            shop.clock.advance(by: .seconds(50))
            second.open()
            try await eventually("it prints") {
                shop.plane.record(limited.reference.attempt).lines.contains("still here")
            }
            shop.clock.advance(by: .seconds(10))
            try await eventually("the time begins anew") { shop.clock.hasSleeper(in: .seconds(50)) }
            #expect(execution.stops.isEmpty)
            shop.clock.advance(by: .seconds(50))
            try await shop.ended(limited)
        }
        let record = shop.plane.record(job.reference.attempt)
        #expect(record.end?.reason == .noOutput)
        #expect(record.lines.last == "stopped: printed nothing for 60 s")
    }

    @Test(.timeLimit(.minutes(1))) func aCancelReachesTheCommandByTheAnswerToARenewal() async throws {
        let shop = Workshop(program: patient)
        try await shop.open {
            shop.plane.offer([job])
            let execution = try await shop.running(job)
            try await shop.renewing(job)
            shop.plane.cancel(job.reference.attempt)
            try await shop.ended(job)
            #expect(execution.stops.first == .seconds(10))
        }
        let record = shop.plane.record(job.reference.attempt)
        #expect(record.end?.outcome == .canceled)
        #expect(record.end?.reason == .canceled)
        #expect(record.lines.suffix(2) == ["last word", "canceled"])
        #expect(record.progress?.steps.map(\.outcome) == [.success, .canceled])
    }

    @Test(.timeLimit(.minutes(1))) func aCancelDuringTheCheckoutRunsNoCommand() async throws {
        let gate = Gate()
        let shop = Workshop(source: FakeSource(gate: gate)) { _, _, _ in .exited(0) }
        try await shop.open {
            shop.plane.offer([job])
            try await shop.renewing(job)
            try await eventually("the checkout is under way") {
                shop.plane.record(job.reference.attempt).lines.count == 1
            }
            shop.plane.cancel(job.reference.attempt)
            let attempt = job.reference.attempt
            try await eventually("the stop arrives") { shop.runner.execution(of: attempt)?.stops.isEmpty == false }
            gate.open()
            try await shop.ended(job)
        }
        let record = shop.plane.record(job.reference.attempt)
        #expect(record.end?.outcome == .canceled)
        #expect(shop.runner.execution(of: job.reference.attempt)?.commands.isEmpty == true)
        #expect(record.progress?.steps.map(\.outcome) == [.success, .skipped])
    }

    @Test(.timeLimit(.minutes(1))) func aProgramThatWouldStartAfterTheStopIsNotStarted() async throws {
        let gate = Gate()
        let program = Command(arguments: ["git"], environment: [:], directory: "/")
        let shop = Workshop(source: FakeSource(gate: gate, program: program)) { _, _, _ in .exited(0) }
        let attempt = job.reference.attempt
        try await shop.open {
            shop.plane.offer([job])
            try await eventually("its time is watched") { shop.clock.hasSleeper(in: .seconds(600)) }
            try await eventually("the checkout is under way") { shop.plane.record(attempt).lines.count == 1 }
            shop.clock.advance(by: .seconds(600))
            try await eventually("the stop arrives") { shop.runner.execution(of: attempt)?.stops.isEmpty == false }
            gate.open()
            try await shop.ended(job)
        }
        #expect(shop.plane.record(attempt).end?.reason == .timeout)
        #expect(shop.runner.execution(of: attempt)?.commands.isEmpty == true)
    }

    @Test(.timeLimit(.minutes(1)), arguments: [StopCause.canceled, .timeout(.job(600)), .stale])
    func aCheckoutThatWaitsIsStoppedToo(cause: StopCause) async throws {
        let shop = Workshop(source: FakeSource(waitsForEver: true)) { _, _, _ in .exited(0) }
        let attempt = job.reference.attempt
        try await shop.open {
            shop.plane.offer([job])
            try await shop.renewing(job)
            try await eventually("the checkout is under way") { shop.plane.record(attempt).lines.count == 1 }
            switch cause {
            case .canceled: shop.plane.cancel(attempt)
            case .timeout: shop.clock.advance(by: .seconds(600))
            default: shop.plane.giveUp(attempt)
            }
            try await eventually("it is cleaned up") { shop.disk.removed == [attempt] }
        }
        #expect(shop.runner.execution(of: attempt)?.commands.isEmpty == true)
        let reasons: [StopCause: Reason] = [.canceled: .canceled, .timeout(.job(600)): .timeout]
        #expect(shop.plane.record(attempt).end?.reason == reasons[cause])
    }

    @Test(.timeLimit(.minutes(1))) func aStopBetweenTwoCommandsIsNoSuccess() async throws {
        let shop = Workshop { execution, command, _ in
            if command.arguments.last == "one" { await execution.stopped.wait() }
            return .exited(0)
        }
        let job = assignment(commands: ["one", "two"])
        try await shop.open {
            shop.plane.offer([job])
            _ = try await shop.running(job)
            try await shop.renewing(job)
            shop.plane.cancel(job.reference.attempt)
            try await shop.ended(job)
        }
        let record = shop.plane.record(job.reference.attempt)
        #expect(record.end?.outcome == .canceled)
        #expect(record.progress?.steps.map(\.outcome) == [.success, .success, .skipped])
    }

    @Test(.timeLimit(.minutes(1))) func workThatWasDoneBeforeTheStopReachedItIsASuccess() async throws {
        let shop = Workshop { execution, _, _ in
            await execution.stopped.wait()
            return .exited(0)
        }
        try await shop.open {
            shop.plane.offer([job])
            _ = try await shop.running(job)
            try await shop.renewing(job)
            shop.plane.cancel(job.reference.attempt)
            try await shop.ended(job)
        }
        #expect(shop.plane.record(job.reference.attempt).end?.outcome == .success)
    }

    @Test(.timeLimit(.minutes(1))) func anAttemptThatWasGivenUpIsKilledAndWritesNothingMore() async throws {
        let shop = Workshop(program: patient)
        let attempt = job.reference.attempt
        try await shop.open {
            shop.plane.offer([job])
            let execution = try await shop.running(job)
            try await shop.renewing(job)
            try await eventually("the line arrives") { shop.plane.record(attempt).lines.last == "started" }
            shop.plane.giveUp(attempt)
            try await eventually("it is cleaned up") { shop.disk.removed == [attempt] }
            #expect(execution.stops == [.zero])
        }
        let record = shop.plane.record(attempt)
        #expect(record.end == nil)
        #expect(record.lines.last == "started")
        #expect(shop.plane.writesRefused == 0)
    }

    @Test(.timeLimit(.minutes(1))) func aRefusedAppendKillsTheWork() async throws {
        let gate = Gate()
        let shop = Workshop { execution, _, output in
            await gate.wait()
            output.print("more\n")
            await execution.stopped.wait()
            return .signaled(9)
        }
        let attempt = job.reference.attempt
        try await shop.open {
            shop.plane.offer([job])
            let execution = try await shop.running(job)
            try await eventually("the checkout is logged") { shop.plane.record(attempt).lines.count == 1 }
            shop.plane.trouble([.stale])
            gate.open()
            try await eventually("it is cleaned up") { shop.disk.removed == [attempt] }
            #expect(execution.stops == [.zero])
        }
        #expect(shop.plane.record(attempt).end == nil)
        #expect(shop.plane.record(attempt).lines.count == 1)
    }
}

@Suite struct StopOrderTests {
    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func workIsCancelledWhetherTheStopComesBeforeOrDuringIt(before: Bool) async {
        let order = StopOrder(grace: .seconds(10))
        if before { order.stop(.timeout(.job(1))) }
        let wasCancelled = await order.cancelling {
            if !before { order.stop(.timeout(.job(1))) }
            await untilCancelled()
            return Task.isCancelled
        }
        #expect(wasCancelled)
    }

    @Test func theFirstCauseCountsAndOnlyBeingGivenUpOutdoesIt() {
        let order = StopOrder(grace: .seconds(10))
        order.stop(.timeout(.job(1)))
        order.stop(.canceled)
        #expect(order.cause == .timeout(.job(1)))
        order.stop(.stale)
        #expect(order.cause == .stale)
        order.stop(.canceled)
        #expect(order.cause == .stale)
    }

    @Test func aStopThatCameTooEarlyReachesTheExecutionWhenThereIsOne() {
        for (cause, grace) in [(StopCause.canceled, Duration.seconds(10)), (.stale, .zero)] {
            let order = StopOrder(grace: .seconds(10))
            order.stop(cause)
            let execution = FakeExecution(runner: FakeRunner { _, _, _ in .exited(0) })
            order.attach(execution)
            #expect(execution.stops == [grace])
        }
    }
}
