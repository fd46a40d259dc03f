import BuildDomain
import Logging
import Orchestration
import TestSupport
import Testing

@testable import Worker

/// A worker with nothing real around it: its control plane, programs, disk and clock belong to the test.
struct Workshop {
    let clock = ManualClock()
    let plane = FakePlane()
    let runner: FakeRunner
    let disk: FakeDisk
    let loop: WorkerLoop

    init(
        capacity: Int = 1, disk: FakeDisk = FakeDisk(), source: FakeSource = FakeSource(),
        adjust: (inout WorkerSettings) -> Void = { _ in }, program: @escaping Program
    ) {
        self.disk = disk
        runner = FakeRunner(program: program)
        var settings = WorkerSettings(
            id: WorkerID(high: 7, low: 7), name: "worker-1", labels: [Label(accepted: "linux")], capacity: capacity,
            version: "1", hostEnvironment: ["PATH": "/bin", "HOME": "/home/ci"], allowsLocalRepositories: false)
        adjust(&settings)
        let ports = WorkerPorts(
            controlPlane: plane, runner: runner, source: source, disk: disk,
            surroundings: Surroundings(timekeeper: clock, entropy: SeededEntropy()))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        loop = WorkerLoop(settings: settings, ports: ports, logger: logger)
    }

    /// Lets the worker work while `body` plays the rest of the world, then drains it and looks for what it left behind.
    func open(_ body: () async throws -> Void) async throws {
        let working = Task { [loop] in try await loop.run() }
        do { try await body() } catch {
            for execution in runner.executions { execution.stop(grace: .zero) }
            loop.drain()
            loop.cancelAll()
            throw error
        }
        loop.drain()
        try await working.value
        try await checkNothingIsLeft()
    }

    private func checkNothingIsLeft() async throws {
        #expect(loop.runningCount == 0)
        #expect(runner.executions.allSatisfy { $0.isClosed })
        #expect(disk.prepared.sorted() == disk.removed.sorted())
        try await eventually("nobody sleeps or waits any more") { clock.sleeperCount == 0 && plane.openCalls == 0 }
    }

    /// Executes one job to its end.
    func execute(_ assignment: Assignment) async throws -> FakePlane.Record {
        try await open {
            plane.offer([assignment])
            try await ended(assignment)
        }
        return plane.record(assignment.reference.attempt)
    }

    func ended(_ assignment: Assignment) async throws {
        try await eventually("the attempt ends") { plane.record(assignment.reference.attempt).end != nil }
    }

    /// The program of the attempt runs, or whatever else is its first command.
    func running(_ assignment: Assignment) async throws -> FakeExecution {
        let attempt = assignment.reference.attempt
        try await eventually("the program runs") { runner.execution(of: attempt)?.commands.isEmpty == false }
        return try #require(runner.execution(of: attempt))
    }

    /// The control plane would hear of the attempt in a renewal, and could answer.
    func renewing(_ assignment: Assignment) async throws {
        let settling = Duration.milliseconds(200)
        try await eventually("the lease is renewed") {
            if plane.renewing?.attempts.contains(assignment.reference.attempt) == true { return true }
            if clock.hasSleeper(in: settling) { clock.advance(by: settling) }
            return false
        }
    }

    /// Lets time go by, from one waking to the next, until `condition` holds.
    func passTime(until what: String, _ condition: () -> Bool) async throws {
        try await eventually(what) {
            if condition() { return true }
            await giveWay()
            if let next = clock.untilNext, next <= .seconds(10) { clock.advance(by: next) }
            return condition()
        }
    }
}

let commitText = String(repeating: "ab", count: 20)

/// A job of a checkout and these commands.
func assignment(
    _ number: UInt64 = 1, commands: [String] = ["make"], repository: String = "https://example.com/r.git",
    environment: [String: String] = [:], timeout: Int = 600
) -> Assignment {
    Assignment(
        reference: AttemptReference(
            build: BuildID(high: 1, low: number), job: JobID(high: 2, low: number),
            attempt: AttemptID(high: 3, low: number)),
        attemptNumber: 1,
        job: JobSpec(
            name: "build", steps: [.checkout] + commands.map { .run(command: $0) }, environment: environment,
            timeoutSeconds: timeout),
        repository: RepositoryURL(accepted: repository), ref: GitRef(accepted: "main"), commit: nil,
        leaseMilliseconds: 20_000)
}
