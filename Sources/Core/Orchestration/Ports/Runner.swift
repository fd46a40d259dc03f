import BuildDomain

/// One program to run: what, with which environment, where.
public struct Command: Sendable, Equatable {
    /// Program and arguments. The program is an absolute path, or a name looked up in `PATH` of `environment`.
    public var arguments: [String]
    /// The whole environment; nothing is inherited.
    public var environment: [String: String]
    /// Absolute path of the working directory; must exist.
    public var directory: String

    public init(arguments: [String], environment: [String: String], directory: String) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }
}

/// How a program ended, as the operating system reports it.
public enum ExitStatus: Sendable, Equatable {
    /// `exit(code)`, 0...255.
    case exited(Int)
    /// Killed by a signal, by its number.
    case signaled(Int)

    public var isSuccess: Bool { self == .exited(0) }
}

/// Receives a program's output while it runs.
///
/// Called from the thread that reads the pipes, one call at a time for one program, so an implementation must not wait
/// for anything slower than the local disk: while it waits, the program's pipe fills up.
public protocol OutputSink: Sendable {
    func write(_ bytes: UnsafeRawBufferPointer, to stream: LogStream)
}

/// Why a runner could not run a program at all. A program that ran and failed is no error but an ``ExitStatus``.
public enum RunnerError: Error, Sendable, Equatable {
    /// The environment could not be made: what was tried and what the system said.
    case cannotBegin(String)
    /// The program could not be started: its name and what the system said (not found, not executable …).
    case cannotStart(program: String, cause: String)
    /// The environment was told to stop, and the program was not started any more.
    case stopped
    /// The environment was closed before or while the program ran.
    case closed
    /// What watches over the environment was killed, by the build itself or for want of memory, and everything that ran
    /// in it is killed as well by the end of ``Execution/close()``.
    case supervisorLost
}

extension RunnerError {
    /// For the person who reads the log or the result.
    public static let supervisorLostSentence =
        "the supervisor of the command was killed, and everything it ran with it (by the build itself, or for want of "
        + "memory)"
}

/// What an environment still had when it was closed.
public struct Leftovers: Sendable, Equatable {
    /// Processes that were still running and were killed.
    public var killed: Int
    /// Bytes that background processes wrote after their program's end, and that were handed to nobody.
    public var droppedBytes: Int64
    /// Process ids of some that could not be killed: they hang in the kernel, or are another user's.
    public var survivors: [Int]
    /// The environment's supervisor was killed, or it obeyed no more and had to be.
    public var supervisorWasLost = false
    /// Names and process ids of some of the killed, where they are known.
    public var killedNames: [String] = []

    public init(killed: Int = 0, droppedBytes: Int64 = 0, survivors: [Int] = []) {
        self.killed = killed
        self.droppedBytes = droppedBytes
        self.survivors = survivors
    }
}

/// Makes environments in which attempts execute. Adapters: `HostRunner`.
public protocol Runner: Sendable {
    /// Makes a fresh environment for one attempt; the caller closes it.
    func begin(attempt: AttemptID) async throws(RunnerError) -> any Execution
}

/// The environment of one attempt: programs run in it one after the other, and none outlives it.
public protocol Execution: Sendable {
    /// Runs one program with standard input closed, hands its output to `output`, and returns when it has ended and all
    /// that it wrote has been handed over. Background children of the program may live on until ``close()``.
    func run(_ command: Command, output: any OutputSink) async throws(RunnerError) -> ExitStatus

    /// Asks everything in the environment to stop: SIGTERM to each process now, SIGKILL to what is left after `grace`.
    /// Returns at once; a `run` in progress returns when its program has ended, and one that begins later throws
    /// ``RunnerError/stopped``, so that an order between two programs is not lost. Repeating it with a shorter grace
    /// shortens it.
    func stop(grace: Duration)

    /// Ends what is there now in the same way; programs that are run later are not concerned.
    func interrupt(grace: Duration)

    /// Kills whatever is left, `setsid` children included, and returns when nothing is, or when the rest cannot be
    /// killed. Idempotent.
    @discardableResult
    func close() async -> Leftovers
}
