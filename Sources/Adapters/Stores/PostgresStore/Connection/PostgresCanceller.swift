import CLibPQ
import Dispatch
import Synchronization

/// Interrupts the statement a connection is running, from any thread.
///
/// The server is asked over a connection of its own, so the request can come late. It is therefore only sent for the
/// operation it was meant for, and the operation does not end before the request was delivered.
final class PostgresCanceller: Sendable {
    private struct State {
        var handle: CancelHandle?
        var running: UInt64?
        var last: UInt64 = 0
        /// True after a request that no statement was seen to end by.
        var mayStrike = false
    }

    private let state = Mutex(State())
    private static let queue = DispatchQueue(label: "mini-ci.postgres-cancel", attributes: .concurrent)

    deinit { detach() }

    func attach(_ link: PostgresLink) {
        let handle = PQgetCancel(link.raw).map(CancelHandle.init)
        state.withLock { $0.handle = handle }
    }

    func detach() {
        state.withLock { state in
            if let handle = state.handle { PQfreeCancel(handle.raw) }
            state.handle = nil
        }
    }

    /// Marks the beginning of an operation, and names it.
    func begin() -> UInt64 {
        state.withLock { state in
            state.last += 1
            state.running = state.last
            return state.last
        }
    }

    /// Marks the end of the running operation, waiting until a request under way was delivered.
    func end() {
        state.withLock { $0.running = nil }
    }

    /// Whether a statement that the server cancelled may have been hit by a request meant for an earlier one. Asking
    /// forgets it.
    func takeStray() -> Bool {
        state.withLock { state in
            defer { state.mayStrike = false }
            return state.mayStrike
        }
    }

    /// Has the server interrupt `operation`, if that is still running. Returns at once.
    func cancel(_ operation: UInt64) {
        // Asking blocks for a connection set-up, which the thread that cancels a task has no time for.
        PostgresCanceller.queue.async {
            self.state.withLock { state in
                guard state.running == operation, let handle = state.handle else { return }
                state.mayStrike = true
                var complaint = [CChar](repeating: 0, count: 256)
                // A request that fails leaves the statement running, to end by itself or by its time limit.
                PQcancel(handle.raw, &complaint, Int32(complaint.count))
            }
        }
    }
}

/// Unchecked: a `PGcancel` does not change after it was made, and libpq documents `PQcancel` as safe from any thread.
private struct CancelHandle: @unchecked Sendable {
    let raw: OpaquePointer
}
