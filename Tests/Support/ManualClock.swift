import BuildDomain
import Orchestration
import Synchronization

/// A clock that stands still until a test moves it; who sleeps by it wakes when its hand has come far enough.
public final class ManualClock: Timekeeper {
    private struct Sleeper {
        var ticket: Int
        var due: Timestamp
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var now: Timestamp
        var sleepers: [Sleeper] = []
        var lastTicket = 0
    }

    private let state: Mutex<State>

    /// - Parameter start: the first time it shows; 2026-01-31T09:05:00Z where not said.
    public init(start: Timestamp = Timestamp(milliseconds: 1_769_850_300_000)) {
        state = Mutex(State(now: start))
    }

    public var now: Timestamp { state.withLock { $0.now } }

    /// How many tasks sleep.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// How long until the first of them wakes; `nil` where nobody sleeps.
    public var untilNext: Duration? {
        state.withLock { state in state.sleepers.map(\.due).min().map { $0 - state.now } }
    }

    /// Whether somebody sleeps who wakes after exactly `duration`.
    public func hasSleeper(in duration: Duration) -> Bool {
        state.withLock { state in state.sleepers.contains { $0.due - state.now == duration } }
    }

    /// Moves the hand and wakes those whose time has come, the earliest first.
    public func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now + duration
            let due = state.sleepers.filter { $0.due <= state.now }
            state.sleepers.removeAll { $0.due <= state.now }
            return due.sorted { ($0.due, $0.ticket) < ($1.due, $1.ticket) }
        }
        for sleeper in due { sleeper.continuation.resume(returning: true) }
    }

    public func sleep(for duration: Duration) async throws(CancellationError) {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        let isOver = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if duration <= .zero { return true }
                    let due = state.now + duration
                    state.sleepers.append(Sleeper(ticket: ticket, due: due, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.sleepers.firstIndex { $0.ticket == ticket }.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.continuation.resume(returning: false)
        }
        if !isOver { throw CancellationError() }
    }
}
