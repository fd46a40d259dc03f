import Synchronization

/// Wakes one waiting task; a ring while nobody waits is kept, several rings count as one.
public final class Doorbell: Sendable {
    private struct State {
        var hasRung = false
        /// Longest waiting first.
        var waiters: [(ticket: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var lastTicket = 0
    }

    private let state = Mutex(State())

    public init() {}

    public func ring() {
        let waiter = state.withLock { state in
            if state.waiters.isEmpty { state.hasRung = true }
            return state.waiters.isEmpty ? nil : state.waiters.removeFirst().continuation
        }
        waiter?.resume()
    }

    /// Returns when it has rung since the last wait, or when the task is cancelled.
    public func wait() async {
        // A cancelled wait ends its own wait and takes nobody else's ring.
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.hasRung {
                        state.hasRung = false
                        return true
                    }
                    if Task.isCancelled { return true }
                    state.waiters.append((ticket, continuation))
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.ticket == ticket }.map { state.waiters.remove(at: $0).continuation }
            }
            waiter?.resume()
        }
    }
}
