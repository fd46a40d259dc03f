import BuildDomain
import Orchestration
import Synchronization

/// The clock and the random numbers of a simulated process.
struct NodeClock: Timekeeper {
    let scheduler: Scheduler
    let node: Node

    var now: Timestamp { Timestamp(milliseconds: scheduler.now + node.clockOffset) }

    func sleep(for duration: Duration) async throws(CancellationError) {
        let sleeper = Waiter()
        let isOver = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                guard !Task.isCancelled, !scheduler.isOver else { return continuation.resume(returning: false) }
                sleeper.wait(continuation)
                scheduler.after(duration.milliseconds) { [scheduler] in sleeper.wake(!scheduler.isOver) }
            }
        } onCancel: {
            sleeper.wake(false)
        }
        if !isOver { throw CancellationError() }
    }
}

struct NodeEntropy: Entropy {
    let scheduler: Scheduler

    func random() -> UInt64 { scheduler.random.next() }
}

/// Somebody who waits and is woken once, whoever comes first.
///
/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
final class Waiter: @unchecked Sendable {
    private var continuation: UnsafeContinuation<Bool, Never>?

    func wait(_ continuation: UnsafeContinuation<Bool, Never>) { self.continuation = continuation }

    func wake(_ answer: Bool) {
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: answer)
    }
}

extension Duration {
    /// Rounded up.
    var milliseconds: Int64 {
        components.seconds * 1000 + (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
