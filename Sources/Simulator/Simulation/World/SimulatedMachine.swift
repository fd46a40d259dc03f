import BuildDomain
import Orchestration

/// What a worker finds on its machine: programs, repositories and a disk.
///
/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
final class SimulatedMachine: @unchecked Sendable {
    /// What a checkout prints.
    static let checkoutLine = Array("checked out\n".utf8)

    private unowned let world: World
    private let name: String
    fileprivate var isFull = false
    /// Folders of attempts that were not removed.
    fileprivate(set) var folders: Set<AttemptID> = []

    init(world: World, name: String) {
        self.world = world
        self.name = name
    }

    func fillDisk(for time: Int64) {
        isFull = true
        world.scheduler.note("\(name) has no space left")
        world.scheduler.after(time) { [self] in isFull = false }
    }

    func freeDisk() { isFull = false }

    func disk() -> any WorkerDisk {
        // A new process removes what its predecessor left, as the real disk does when it is opened.
        folders = []
        return Disk(machine: self)
    }

    func runner(on node: Node) -> any Runner { SimulatedRunner(world: world, node: node) }

    func source(on node: Node) -> any Source { SimulatedSource(world: world, node: node) }
}

private struct Disk: WorkerDisk {
    let machine: SimulatedMachine

    func prepare(_ attempt: AttemptID) async throws(DiskError) -> AttemptFolder {
        if machine.isFull { throw .full("no space left") }
        machine.folders.insert(attempt)
        return AttemptFolder(workspace: "/work", temporary: "/tmp", spool: Spool(machine: machine))
    }

    func remove(_ attempt: AttemptID) async throws(DiskError) { machine.folders.remove(attempt) }
}

/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
private final class Spool: LogSpool, @unchecked Sendable {
    private let machine: SimulatedMachine
    private var bytes: [UInt8] = []

    init(machine: SimulatedMachine) { self.machine = machine }

    func append(_ more: UnsafeRawBufferPointer) throws(DiskError) {
        if machine.isFull { throw .full("no space left") }
        bytes += more
    }

    func read(at offset: Int64, count: Int) throws(DiskError) -> [UInt8] {
        guard offset >= 0, Int(offset) + count <= bytes.count else { throw .failed("the spool is shorter") }
        return Array(bytes[Int(offset)..<(Int(offset) + count)])
    }
}

private struct SimulatedSource: Source {
    let world: World
    let node: Node

    func checkout(
        _ request: CheckoutRequest, in execution: any Execution, output: any OutputSink
    ) async throws(CheckoutError) -> CommitSHA {
        let clock = NodeClock(scheduler: world.scheduler, node: node)
        do { try await clock.sleep(for: .milliseconds(world.scheduler.random.pick(5...300))) } catch {
            throw CheckoutError("canceled")
        }
        SimulatedMachine.checkoutLine.withUnsafeBytes { output.write($0, to: .stdout) }
        guard let commit = request.commit ?? CommitSHA(String(repeating: "a", count: 40)) else {
            throw CheckoutError("no commit")
        }
        return commit
    }
}

private struct SimulatedRunner: Runner {
    let world: World
    let node: Node

    func begin(attempt: AttemptID) async throws(RunnerError) -> any Execution {
        SimulatedExecution(world: world, node: node, attempt: attempt)
    }
}

/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
private final class SimulatedExecution: Execution, @unchecked Sendable {
    private let world: World
    private let node: Node
    private let attempt: AttemptID
    private var isStopped = false
    /// When what still runs is killed.
    private var killAt: Int64?

    init(world: World, node: Node, attempt: AttemptID) {
        self.world = world
        self.node = node
        self.attempt = attempt
    }

    func run(_ command: Command, output: any OutputSink) async throws(RunnerError) -> ExitStatus {
        guard let text = command.arguments.last, let program = Program(text) else { return .exited(127) }
        if isStopped { throw .stopped }
        let clock = NodeClock(scheduler: world.scheduler, node: node)
        world.checker.began(attempt)
        for line in 0..<program.lines {
            do { try await clock.sleep(for: .milliseconds(program.pause)) } catch { throw .closed }
            if let killAt, !program.isStubborn || world.scheduler.now >= killAt { return .signaled(15) }
            let text = "\(attempt) \(line)"
            world.checker.printed(text, by: attempt)
            output.write(line: text)
        }
        return .exited(program.exitCode)
    }

    func stop(grace: Duration) {
        isStopped = true
        interrupt(grace: grace)
    }

    func interrupt(grace: Duration) {
        let due = world.scheduler.now + grace.milliseconds
        killAt = min(killAt ?? due, due)
    }

    func close() async -> Leftovers { Leftovers() }
}

/// What a simulated command does, written as its text: `lines=3 pause=200 exit=0 stubborn=1`.
struct Program {
    var lines = 0
    /// Milliseconds before each line.
    var pause = 0
    var exitCode = 0
    /// Whether it goes on after SIGTERM.
    var isStubborn = false

    init(lines: Int, pause: Int, exitCode: Int, isStubborn: Bool) {
        self.lines = lines
        self.pause = pause
        self.exitCode = exitCode
        self.isStubborn = isStubborn
    }

    init?(_ text: String) {
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=")
            guard parts.count == 2, let value = Int(parts[1]) else { return nil }
            switch parts[0] {
            case "lines": lines = value
            case "pause": pause = value
            case "exit": exitCode = value
            case "stubborn": isStubborn = value != 0
            default: return nil
            }
        }
    }

    var text: String { "lines=\(lines) pause=\(pause) exit=\(exitCode) stubborn=\(isStubborn ? 1 : 0)" }
}

extension OutputSink {
    fileprivate func write(line: String) {
        var text = line + "\n"
        text.withUTF8 { write(UnsafeRawBufferPointer($0), to: .stdout) }
    }
}
