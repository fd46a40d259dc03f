import Orchestration
import Synchronization

/// Why an attempt is to be stopped before its end.
enum StopCause: Sendable, Hashable {
    case canceled
    case timeout(TimeLimit)
    /// The control plane has given the attempt up: nothing more may be written.
    case stale
    /// The log cannot be kept.
    case diskFull(String)
}

/// Stops an attempt once, from anywhere, whatever it is doing; the first cause counts, only `stale` outdoes it.
final class StopOrder: Sendable {
    private struct State {
        var cause: StopCause?
        var execution: (any Execution)?
        /// Cancels the work that is no program.
        var cancelWork: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let grace: Duration

    init(grace: Duration) { self.grace = grace }

    var cause: StopCause? { state.withLock { $0.cause } }

    func stop(_ cause: StopCause) {
        let (execution, cancelWork) = state.withLock { state in
            if state.cause == nil || cause == .stale { state.cause = cause }
            return (state.execution, state.cancelWork)
        }
        // Before its programs end: the work is to know that it was not their fault.
        cancelWork?()
        execution?.stop(grace: cause == .stale ? .zero : grace)
    }

    /// From now on a stop reaches `execution`; one that came before reaches it now.
    func attach(_ execution: any Execution) {
        let cause = state.withLock { state in
            state.execution = execution
            return state.cause
        }
        if let cause { execution.stop(grace: cause == .stale ? .zero : grace) }
    }

    /// Does work that a stop cancels, also one that came before. Programs are stopped in their execution; this is for
    /// what lies between them: waiting for a lock, say.
    func cancelling<Answer: Sendable>(_ work: @escaping @Sendable () async -> Answer) async -> Answer {
        let task = Task { await work() }
        let isTooLate = state.withLock { state in
            state.cancelWork = { task.cancel() }
            return state.cause != nil
        }
        if isTooLate { task.cancel() }
        defer { state.withLock { $0.cancelWork = nil } }
        return await task.value
    }
}
