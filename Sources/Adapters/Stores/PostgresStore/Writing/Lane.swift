import DequeModule
import Orchestration
import Synchronization

/// What bounds a ``Lane``.
struct LaneLimits: Sendable {
    /// Requests that may wait; further ones are refused.
    var waiting: Int
    /// What they may weigh together; a lone one may weigh more.
    var waitingWeight: Int
    /// The most requests that share a transaction.
    var batch: Int
    /// The weight after which a transaction takes no further request.
    var batchWeight: Int
}

/// A write that waits for its transaction.
protocol LaneRequest: Sendable {
    var weight: Int { get }
    /// Whether it may share a transaction with `first`.
    func canJoin(_ first: Self) -> Bool
    /// Answers the caller where nothing was written.
    func refuse(_ error: StoreError)
}

extension LaneRequest {
    var weight: Int { 1 }
    func canJoin(_ first: Self) -> Bool { true }
}

/// Answers a caller once the fate of its transaction is known: `nil` when that is on the disk.
typealias Settlement = @Sendable (StoreError?) -> Void

/// What a transaction has done.
struct LaneOutcome: Sendable {
    var settlements: [Settlement]
    /// Told to the hub after the commit.
    var topics: Set<Topic>
}

/// Group commit: requests that come while a transaction is under way share the next one, so that they cost one
/// statement per table and one flush to disk together. A lone request is carried out at once.
final class Lane<Request: LaneRequest>: Sendable {
    /// Carries out requests in one transaction and commits it; may run again when the server rolled it back.
    typealias Work = @Sendable ([Request], PostgresSession) throws -> LaneOutcome

    private struct State {
        var waiting: Deque<Request> = []
        var weight = 0
        var isDraining = false
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let pool: PostgresPool
    private let limits: LaneLimits
    private let hub: SignalHub
    private let work: Work
    private let state = Mutex(State())

    init(_ pool: PostgresPool, _ limits: LaneLimits, hub: SignalHub, work: @escaping Work) {
        self.pool = pool
        self.limits = limits
        self.hub = hub
        self.work = work
    }

    /// Takes a request, which is answered later, or refuses it at once.
    func submit(_ request: Request) {
        let verdict: LaneVerdict = state.withLock { state in
            if state.isClosed { return .refused(.unavailable("the store is closed")) }
            let isTooHeavy = state.weight > 0 && state.weight > limits.waitingWeight - request.weight
            if state.waiting.count >= limits.waiting || isTooHeavy {
                return .refused(.unavailable("too many writes are waiting for the database"))
            }
            state.waiting.append(request)
            state.weight += request.weight
            defer { state.isDraining = true }
            return state.isDraining ? .queued : .first
        }
        switch verdict {
        case .refused(let error): request.refuse(error)
        case .queued: break
        case .first: Task.detached { await self.drain() }
        }
    }

    /// Takes no further requests and returns when all that were taken are answered.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if state.isDraining { state.closers.append(continuation) }
                return !state.isDraining
            }
            if isIdle { continuation.resume() }
        }
    }

    /// Transaction after transaction until nothing waits.
    private func drain() async {
        while let batch = nextBatch() { await run(batch) }
    }

    private func nextBatch() -> [Request]? {
        var closers: [CheckedContinuation<Void, Never>] = []
        defer { for closer in closers { closer.resume() } }
        return state.withLock { state in
            var batch: [Request] = []
            var weight = 0
            while let next = state.waiting.first, batch.count < limits.batch, weight < limits.batchWeight,
                batch.first.map(next.canJoin) ?? true
            {
                state.waiting.removeFirst()
                weight += next.weight
                batch.append(next)
            }
            state.weight -= weight
            guard batch.isEmpty else { return batch }
            state.isDraining = false
            swap(&closers, &state.closers)
            return nil
        }
    }

    private func run(_ batch: [Request]) async {
        do {
            let outcome = try await pool.transaction { [work] session in try work(batch, session) }
            for settle in outcome.settlements { settle(nil) }
            hub.signal(outcome.topics)
        } catch {
            let error = StoreError(postgres: error)
            // One that cannot be written must not keep its neighbours from it.
            if case .broken = error, batch.count > 1 {
                for request in batch { await run([request]) }
            } else {
                for request in batch { request.refuse(error) }
            }
        }
    }
}

private enum LaneVerdict {
    case refused(StoreError)
    case queued
    case first
}
