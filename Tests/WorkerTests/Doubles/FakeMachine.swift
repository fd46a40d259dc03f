import BuildDomain
import Orchestration
import Synchronization
import TestSupport

/// Something to wait for until a test opens it; open from then on.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var isOpen: Bool { state.withLock { $0.isOpen } }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits even when the task is cancelled, as a program does.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Waits for nothing but the cancellation of its task.
func untilCancelled() async {
    let cancelled = Gate()
    await withTaskCancellationHandler {
        await cancelled.wait()
    } onCancel: {
        cancelled.open()
    }
}

/// What a program does in a test.
typealias Program = @Sendable (FakeExecution, Command, any OutputSink) async throws(RunnerError) -> ExitStatus

/// Runs programs that are closures.
final class FakeRunner: Runner {
    private struct State {
        var begun: [AttemptID: FakeExecution] = [:]
        var failure: RunnerError?
        var running = 0
        var mostRunning = 0
    }

    private let program: Program
    private let state = Mutex(State())

    init(program: @escaping Program) { self.program = program }

    func begin(attempt: AttemptID) async throws(RunnerError) -> any Execution {
        try state.withLock { (state) throws(RunnerError) in
            if let failure = state.failure { throw failure }
            let execution = FakeExecution(runner: self)
            state.begun[attempt] = execution
            return execution
        }
    }

    func fail(_ failure: RunnerError) { state.withLock { $0.failure = failure } }

    func execution(of attempt: AttemptID) -> FakeExecution? { state.withLock { $0.begun[attempt] } }
    var executions: [FakeExecution] { state.withLock { Array($0.begun.values) } }
    /// The most programs that ever ran at once.
    var mostRunning: Int { state.withLock { $0.mostRunning } }

    fileprivate func run(
        _ command: Command, in execution: FakeExecution, output: any OutputSink
    ) async throws(RunnerError) -> ExitStatus {
        state.withLock { state in
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
        }
        defer { state.withLock { $0.running -= 1 } }
        return try await program(execution, command, output)
    }
}

final class FakeExecution: Execution {
    private struct State {
        var stops: [Duration] = []
        var commands: [Command] = []
        var leftovers = Leftovers()
        var isClosed = false
    }

    private let runner: FakeRunner
    private let state = Mutex(State())
    /// Opens when it is told to stop.
    let stopped = Gate()

    init(runner: FakeRunner) { self.runner = runner }

    /// The graces with which it was told to stop.
    var stops: [Duration] { state.withLock { $0.stops } }
    var commands: [Command] { state.withLock { $0.commands } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func run(_ command: Command, output: any OutputSink) async throws(RunnerError) -> ExitStatus {
        try state.withLock { (state) throws(RunnerError) in
            guard state.stops.isEmpty else { throw .stopped }
            state.commands.append(command)
        }
        return try await runner.run(command, in: self, output: output)
    }

    func stop(grace: Duration) {
        state.withLock { $0.stops.append(grace) }
        stopped.open()
    }

    /// No source here has programs that take too long.
    func interrupt(grace: Duration) {}

    func leave(_ leftovers: Leftovers) { state.withLock { $0.leftovers = leftovers } }

    func close() async -> Leftovers {
        state.withLock { state in
            state.isClosed = true
            return state.leftovers
        }
    }
}

/// Checks out nothing and says so.
struct FakeSource: Source {
    var failure: CheckoutError?
    var gate: Gate?
    /// It waits for something that does not come, a lock for example.
    var waitsForEver = false
    /// A program it runs at its end.
    var program: Command?

    func checkout(
        _ request: CheckoutRequest, in execution: any Execution, output: any OutputSink
    ) async throws(CheckoutError) -> CommitSHA {
        output.print("checking out \(request.ref)\n", to: .system)
        await gate?.wait()
        if waitsForEver {
            await untilCancelled()
            throw CheckoutError("the checkout was stopped")
        }
        if let program {
            do { _ = try await execution.run(program, output: output) } catch { throw CheckoutError("\(error)") }
        }
        if let failure { throw failure }
        guard let commit = request.commit ?? CommitSHA(commitText) else { throw CheckoutError("no commit") }
        return commit
    }
}

extension OutputSink {
    func print(_ text: String, to stream: LogStream = .stdout) { write(Array(text.utf8), to: stream) }

    func write(_ bytes: [UInt8], to stream: LogStream = .stdout) { bytes.withUnsafeBytes { write($0, to: stream) } }
}

/// A spool in memory that fails when it has taken so many appends.
final class MemorySpool: LogSpool {
    private struct State {
        var bytes: [UInt8] = []
        var appendsLeft: Int
    }

    private let state: Mutex<State>

    init(failsAfter appends: Int = .max) { state = Mutex(State(appendsLeft: appends)) }

    var bytes: [UInt8] { state.withLock { $0.bytes } }

    func append(_ bytes: UnsafeRawBufferPointer) throws(DiskError) {
        try state.withLock { (state) throws(DiskError) in
            guard state.appendsLeft > 0 else { throw .full("no space left") }
            state.appendsLeft -= 1
            state.bytes += bytes
        }
    }

    func read(at offset: Int64, count: Int) throws(DiskError) -> [UInt8] {
        try state.withLock { (state) throws(DiskError) in
            guard Int(offset) + count <= state.bytes.count else { throw .failed("read behind the end") }
            return Array(state.bytes[Int(offset)..<(Int(offset) + count)])
        }
    }
}

final class FakeDisk: WorkerDisk {
    private struct State {
        var prepared: [AttemptID] = []
        var removed: [AttemptID] = []
    }

    private let failure: DiskError?
    private let spoolFailsAfter: Int
    private let state = Mutex(State())

    init(failure: DiskError? = nil, spoolFailsAfter: Int = .max) {
        self.failure = failure
        self.spoolFailsAfter = spoolFailsAfter
    }

    var prepared: [AttemptID] { state.withLock { $0.prepared } }
    var removed: [AttemptID] { state.withLock { $0.removed } }

    func prepare(_ attempt: AttemptID) async throws(DiskError) -> AttemptFolder {
        if let failure { throw failure }
        state.withLock { $0.prepared.append(attempt) }
        return AttemptFolder(
            workspace: "/w/\(attempt)/workspace", temporary: "/w/\(attempt)/tmp",
            spool: MemorySpool(failsAfter: spoolFailsAfter))
    }

    func remove(_ attempt: AttemptID) async throws(DiskError) { state.withLock { $0.removed.append(attempt) } }
}
