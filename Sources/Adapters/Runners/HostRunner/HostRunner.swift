import BuildDomain
import CSupervisor
import Glibc
import Orchestration

/// Runs programs directly on the worker's machine, as the worker's user, with nothing between them and it but a
/// supervisor.
///
/// Each attempt has a supervisor process: a copy of the worker that has let go of everything and is the parent of
/// whatever the attempt leaves behind (`PR_SET_CHILD_SUBREAPER`). When the worker dies, however it dies, its end of
/// the control socket closes and the supervisor kills the rest, so nothing outlives an attempt or its worker. Two
/// limits remain: a process of another user (`sudo`) can be killed by root only, and a build that kills its own
/// supervisor escapes it.
public struct HostRunner: Runner {
    /// How long output is still collected after a program has ended while its children hold its output open: long
    /// enough for the `tee` of a `> >(tee log)`, and all that a step with a background server pays.
    public static let lingerMilliseconds = 100

    /// The longest program in bytes: arguments, environment and directory together.
    public static let requestLimit = Int(2 * 1024 * 1024)

    private let killLimit: Duration

    /// - Parameter killLimit: how long a process may take to end after SIGKILL. One in an uninterruptible sleep (a
    ///   network file system whose server is gone) may never end, and must not hold the worker's slot for ever.
    public init(killLimit: Duration = .seconds(30)) { self.killLimit = killLimit }

    /// Starts the attempt's supervisor, which costs the copy of a process.
    /// - Throws: ``RunnerError/cannotBegin(_:)`` when the system has no process or descriptor left.
    public func begin(attempt: AttemptID) async throws(RunnerError) -> any Execution {
        var control: Int32 = -1
        var supervisor: pid_t = -1
        var lastWords: UnsafePointer<mini_ci_last_words>?
        let cause = mini_ci_supervisor_start(killLimit.clampedMilliseconds, &control, &supervisor, &lastWords)
        guard cause == 0, let lastWords else {
            throw .cannotBegin("the supervisor of attempt \(attempt) could not be started: \(describe(cause))")
        }
        return HostExecution(
            control: ControlSocket(descriptor: control), supervisor: supervisor, lastWords: LastWords(lastWords))
    }
}

/// The system's words for an `errno`.
func describe(_ cause: Int32) -> String {
    String(cString: strerror(cause))
}
