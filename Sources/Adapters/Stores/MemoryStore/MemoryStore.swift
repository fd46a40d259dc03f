import BuildDomain
import Orchestration
import Synchronization

/// Keeps everything in memory, for `mini-ci run` and for tests: the rules of every store, and nothing survives the
/// process.
///
/// One lock makes each operation atomic. The injected clock is the store's clock, which decides leases.
public final class MemoryStore: Store, HistoryStore {
    let hub: SignalHub
    let clock: any Timekeeper
    private let state = Mutex(MemoryState())

    public init(hub: SignalHub, clock: any Timekeeper) {
        self.hub = hub
        self.clock = clock
    }

    public func check() async throws(StoreError) {}

    public func close() async {}

    func read<Answer: Sendable>(
        _ body: @Sendable (MemoryState) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer {
        try state.withLock { (state) throws(StoreError) in try body(state) }
    }

    /// Runs `body` alone, then signals the topics it gave. It must not have changed anything when it throws.
    func write<Answer: Sendable>(
        _ body: @Sendable (inout MemoryState) throws(StoreError) -> (Answer, [Topic])
    ) throws(StoreError) -> Answer {
        let (answer, topics) = try state.withLock { (state) throws(StoreError) in try body(&state) }
        hub.signal(Set(topics))
        return answer
    }
}

/// Looks at a moment as it is, without waiting: for checks between two steps of a simulation.
extension MemoryStore {
    public func glance(at id: BuildID) -> (build: Build, history: [RecordedEvent])? {
        state.withLock { state in state.builds[id].map { ($0, state.histories[id] ?? []) } }
    }

    public func glance(atLogOf attempt: AttemptID) -> [LogChunk] { state.withLock { $0.logs[attempt] ?? [] } }
}
