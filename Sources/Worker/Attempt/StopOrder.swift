import Orchestration
import Synchronization

/// Why an attempt is to be stopped before its end.
enum StopCause: Sendable, Equatable {
    case canceled
    case timeout
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
    }

    private let state = Mutex(State())
    private let grace: Duration

    init(grace: Duration) { self.grace = grace }

    var cause: StopCause? { state.withLock { $0.cause } }

    func stop(_ cause: StopCause) {
        let execution = state.withLock { state in
            if state.cause == nil || cause == .stale { state.cause = cause }
            return state.execution
        }
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
}
