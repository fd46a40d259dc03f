import BuildDomain
import Synchronization

/// Something one can wait for.
public enum Topic: Sendable, Hashable {
    /// A job became claimable.
    case claimable
    /// A build changed, in any way.
    case build(BuildID)
    /// Lines were appended to the log of an attempt.
    case log(AttemptID)
    /// A cancel was requested for some attempt.
    case cancelRequests
}

/// Wakes those who wait for a topic, within this process. Stores signal after they have committed; a store that several
/// processes share carries the signals of the others in here too. A signal says "look again", nothing more, so losing
/// one costs time but never truth: who waits also looks again after a while.
public final class SignalHub: Sendable {
    private struct State {
        /// By the number of the subscription, so that the order of wakes depends on nothing outside.
        var boxes: [Topic: [Int: Subscription.Box]] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())
    private let relay: (@Sendable (Set<Topic>) -> Void)?

    /// - Parameter relay: told every signal, to carry it on to others.
    public init(relay: (@Sendable (Set<Topic>) -> Void)? = nil) { self.relay = relay }

    public func signal(_ topics: some Sequence<Topic>) {
        relay?(Set(topics))
        for topic in topics {
            let boxes = state.withLock { state in state.boxes[topic].map { Array($0.values) } ?? [] }
            for box in boxes { box.wake(topic) }
        }
    }

    public func signal(_ topic: Topic) { signal(CollectionOfOne(topic)) }

    /// Wakes everybody: used when signals may have been missed.
    public func signalAll() {
        signal(state.withLock { Array($0.boxes.keys) })
    }

    /// From now on no signal on `topics` is missed, also while nobody waits. Ends with the subscription's life.
    public func subscribe(_ topics: [Topic]) -> Subscription {
        state.withLock { state in
            state.lastNumber += 1
            let subscription = Subscription(hub: self, topics: topics, number: state.lastNumber)
            for topic in topics { state.boxes[topic, default: [:]][state.lastNumber] = subscription.box }
            return subscription
        }
    }

    fileprivate func unsubscribe(_ number: Int, from topics: [Topic]) {
        state.withLock { state in
            for topic in topics {
                state.boxes[topic]?[number] = nil
                if state.boxes[topic]?.isEmpty == true { state.boxes[topic] = nil }
            }
        }
    }

    /// How many topics somebody waits for; for tests that look for leaks.
    public var topicCount: Int { state.withLock { $0.boxes.count } }
}

/// A standing wish to be woken; for one waiting task at a time.
public final class Subscription: Sendable {
    let box = Box()
    private let hub: SignalHub
    private let topics: [Topic]
    private let number: Int

    init(hub: SignalHub, topics: [Topic], number: Int) {
        self.hub = hub
        self.topics = topics
        self.number = number
    }

    deinit { hub.unsubscribe(number, from: topics) }

    /// Waits until there was a signal since the last call, or the task is cancelled. Returns at once where there was
    /// one.
    /// - Returns: the topics that were signaled; empty after a cancellation.
    @discardableResult
    public func next() async -> Set<Topic> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { box.wait($0) }
        } onCancel: {
            box.wake(nil)
        }
    }

    /// The same with a limit; empty when the time was over first.
    @discardableResult
    public func next(within limit: Duration, by timekeeper: any Timekeeper) async -> Set<Topic> {
        guard limit > .zero else { return [] }
        let alarm = Task { [box] in
            do { try await timekeeper.sleep(for: limit) } catch { return }
            box.wake(nil)
        }
        defer { alarm.cancel() }
        return await next()
    }

    final class Box: Sendable {
        private struct State {
            var isDue = false
            var signaled: Set<Topic> = []
            var waiter: CheckedContinuation<Set<Topic>, Never>?
        }

        private let state = Mutex(State())

        func wait(_ continuation: CheckedContinuation<Set<Topic>, Never>) {
            let due: Set<Topic>? = state.withLock { state in
                guard state.isDue else {
                    state.waiter = continuation
                    return nil
                }
                defer {
                    state.isDue = false
                    state.signaled = []
                }
                return state.signaled
            }
            if let due { continuation.resume(returning: due) }
        }

        func wake(_ topic: Topic?) {
            let waiter = state.withLock { state in
                if let waiter = state.waiter {
                    state.waiter = nil
                    return Optional(waiter)
                }
                state.isDue = true
                if let topic { state.signaled.insert(topic) }
                return nil
            }
            waiter?.resume(returning: topic.map { [$0] } ?? [])
        }
    }
}
