import BuildDomain
import CSupervisor
import Glibc
import Orchestration

/// Runs programs directly on the worker's machine, as the worker's user, with nothing between them and it but a
/// supervisor.
///
/// Each attempt has a supervisor process: a copy of the worker that has let go of everything and is the parent of
/// whatever the attempt leaves behind (`PR_SET_CHILD_SUBREAPER`). When the worker dies, however it dies, its end of
/// the control socket closes and the supervisor kills the rest, so nothing outlives an attempt or its worker. When the
/// build or the system kills the supervisor instead, what it had comes to the worker, which kills it. One limit
/// remains: a process of another user (`sudo`) can be killed by root only.
public struct HostRunner: Runner {
    /// How long output is still collected after a program has ended while its children hold its output open: long
    /// enough for the `tee` of a `> >(tee log)`, and all that a step with a background server pays.
    public static let lingerMilliseconds = 100

    /// The longest program in bytes: arguments, environment and directory together.
    public static let requestLimit = Int(2 * 1024 * 1024)

    private let limits: Limits

    /// How long ends may take.
    struct Limits {
        /// For a process to end after SIGKILL.
        var kill: Duration
        /// For a supervisor to obey, beyond the time that its order takes.
        var answer: Duration
    }

    /// Makes this process the parent of what killed supervisors leave.
    ///
    /// - Parameters:
    ///   - killLimit: how long a process may take to end after SIGKILL. One in an uninterruptible sleep (a network file
    ///     system whose server is gone) may never end, and must not hold the worker's slot for ever.
    ///   - answerLimit: how much longer than that a supervisor may take to obey before it is killed itself. A build can
    ///     stop it (SIGSTOP) as often as it likes.
    public init(killLimit: Duration = .seconds(30), answerLimit: Duration = .seconds(10)) {
        limits = Limits(kill: killLimit, answer: answerLimit)
        _ = mini_ci_adopt_orphans()
    }

    /// Starts the attempt's supervisor, which costs the copy of a process.
    /// - Throws: ``RunnerError/cannotBegin(_:)`` when the system has no process or descriptor left.
    public func begin(attempt: AttemptID) async throws(RunnerError) -> any Execution {
        var control: Int32 = -1
        var supervisor: pid_t = -1
        var lastWords: UnsafePointer<mini_ci_last_words>?
        let cause = mini_ci_supervisor_start(limits.kill.clampedMilliseconds, &control, &supervisor, &lastWords)
        guard cause == 0, let lastWords else {
            throw .cannotBegin("the supervisor of attempt \(attempt) could not be started: \(describe(cause))")
        }
        return HostExecution(
            control: ControlSocket(descriptor: control),
            supervisor: Supervisor(process: supervisor, lastWords: LastWords(lastWords), limits: limits))
    }
}

/// The system's words for an `errno`.
func describe(_ cause: Int32) -> String {
    String(cString: strerror(cause))
}
