import BuildDomain
import Orchestration
import Synchronization
import TestSupport
import Testing

@Suite struct SignalHubTests {
    private let build = Topic.build(BuildID(high: 1, low: 1))

    @Test func aSignalBeforeTheWaitIsNotMissed() async {
        let hub = SignalHub()
        let subscription = hub.subscribe([.claimable, build])
        hub.signal([build, .claimable, build])
        #expect(await subscription.next() == [build, .claimable])
    }

    @Test func whoWaitsForAnotherTopicSleepsOn() async throws {
        let hub = SignalHub()
        let clock = ManualClock()
        let subscription = hub.subscribe([.claimable])
        let waiting = Task { await subscription.next(within: .seconds(5), by: clock) }
        try await eventually("it sleeps") { clock.sleeperCount == 1 }
        hub.signal(build)
        await giveWay()
        clock.advance(by: .seconds(5))
        #expect(await waiting.value == [])
    }

    @Test func everyoneWhoWaitsIsWoken() async {
        let hub = SignalHub()
        let waiting = (0..<50).map { _ in
            let subscription = hub.subscribe([.claimable])
            return Task { await subscription.next() }
        }
        hub.signal(.claimable)
        for task in waiting { #expect(await task.value == [.claimable]) }
    }

    @Test func signalAllWakesEveryTopic() async {
        let hub = SignalHub()
        let subscriptions = [Topic.claimable, build, .cancelRequests].map { hub.subscribe([$0]) }
        hub.signalAll()
        for subscription in subscriptions { #expect(await subscription.next().count == 1) }
    }

    /// Each waiter goes on until it has seen all that was counted; one lost wake-up and it waits for ever.
    @Test(.timeLimit(.minutes(1))) func noWakeUpIsLostBetweenManyTasks() async {
        let hub = SignalHub()
        let counted = Counter()
        let total = 4000
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                let subscription = hub.subscribe([.claimable])
                group.addTask { while counted.value < total { await subscription.next() } }
            }
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<(total / 4) {
                        counted.add()
                        hub.signal(.claimable)
                        await Task.yield()
                    }
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func aCancelledWaitEnds() async throws {
        let hub = SignalHub()
        let subscription = hub.subscribe([.claimable])
        for _ in 0..<100 {
            let waiting = Task { await subscription.next() }
            if Bool.random() { await Task.yield() }
            waiting.cancel()
            #expect(await waiting.value == [])
        }
    }

    @Test func aSubscriptionEndsWithItsLife() async {
        let hub = SignalHub()
        do {
            let first = hub.subscribe([.claimable, build])
            let second = hub.subscribe([.claimable])
            #expect(hub.topicCount == 2)
            _ = (first, second)
        }
        #expect(hub.topicCount == 0)
    }

    @Test func anAlarmThatIsNotNeededSleepsNoMore() async throws {
        let hub = SignalHub()
        let clock = ManualClock()
        let subscription = hub.subscribe([.claimable])
        hub.signal(.claimable)
        #expect(await subscription.next(within: .seconds(60), by: clock) == [.claimable])
        try await eventually("the alarm is off") { clock.sleeperCount == 0 }
        #expect(await subscription.next(within: .zero, by: clock) == [])
    }
}

@Suite struct DoorbellTests {
    @Test func aRingWhileNobodyWaitsIsKeptOnce() async throws {
        let bell = Doorbell()
        bell.ring()
        bell.ring()
        await bell.wait()
        let second = Task { await bell.wait() }
        let hasEnded = Counter()
        let watch = Task {
            await second.value
            hasEnded.add()
        }
        await giveWay()
        #expect(hasEnded.value == 0)
        bell.ring()
        await watch.value
    }

    @Test(.timeLimit(.minutes(1))) func noRingIsLost() async {
        let bell = Doorbell()
        let counted = Counter()
        async let ringing: Void = {
            for _ in 0..<5000 {
                counted.add()
                bell.ring()
                await Task.yield()
            }
        }()
        while counted.value < 5000 { await bell.wait() }
        await ringing
    }

    @Test(.timeLimit(.minutes(1))) func aCancelledWaitEndsAndTakesNoRing() async {
        for round in 0..<200 {
            let bell = Doorbell()
            let cancelled = Task { await bell.wait() }
            let waiting = Task { await bell.wait() }
            if round % 2 == 0 { await Task.yield() }
            cancelled.cancel()
            await cancelled.value
            bell.ring()
            await waiting.value
        }
    }

    @Test(.timeLimit(.minutes(1))) func aTaskThatWasCancelledBeforeItWaitedDoesNotDisturbTheOneThatWaits() async {
        let bell = Doorbell()
        let waiting = Task { await bell.wait() }
        await giveWay()
        for _ in 0..<20 {
            let late = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                await bell.wait()
            }
            await late.value
        }
        bell.ring()
        await waiting.value
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func add() { count.withLock { $0 += 1 } }
}
