import GRDB
import Orchestration
import Synchronization

/// Group commit: writes that come while a transaction is being committed share the next one, each in its own savepoint,
/// so that they cost one fsync together and none can spoil another. A lone write is committed at once.
final class WriteQueue: Sendable {
    /// A write that waits. Running it gives what to do once the fate of its transaction is known.
    private struct Pending: Sendable {
        let bytes: Int
        let run: @Sendable (SQLite) -> Completion
        /// Answers the caller where no transaction could begin.
        let refuse: @Sendable (StoreError) -> Void
    }

    private struct Completion: Sendable {
        /// Told to the hub after the commit; empty where the write failed.
        let topics: [Topic]
        /// Answers the caller; with an error where the transaction could not be committed.
        let settle: @Sendable (StoreError?) -> Void
    }

    private struct State {
        var waiting: [Pending] = []
        var waitingBytes = 0
        var isDraining = false
        var isClosed = false
    }

    private let pool: DatabasePool
    private let settings: SQLiteSettings
    private let hub: SignalHub
    private let finished: FinishedBuilds
    private let state = Mutex(State())

    init(pool: DatabasePool, settings: SQLiteSettings, hub: SignalHub, finished: FinishedBuilds) {
        self.pool = pool
        self.settings = settings
        self.hub = hub
        self.finished = finished
    }

    /// Runs `body` in a transaction and returns its answer when that is on the disk.
    /// - Parameters:
    ///   - bytes: how much the write keeps in memory while it waits, where that matters.
    ///   - body: writes, and says what to signal. When it throws, nothing of it is written.
    func submit<Answer: Sendable>(
        bytes: Int = 0, _ body: @escaping @Sendable (SQLite) throws(StoreError) -> (Answer, [Topic])
    ) async throws(StoreError) -> Answer {
        let result: Result<Answer, StoreError> = await withCheckedContinuation { continuation in
            let run = { @Sendable (sqlite: SQLite) in
                let result = Result { () throws(StoreError) in try sqlite.inSavepoint(body) }
                let topics = (try? result.get().1) ?? []
                return Completion(topics: topics) { failure in
                    continuation.resume(returning: failure.map(Result.failure) ?? result.map(\.0))
                }
            }
            let pending = Pending(bytes: bytes, run: run) { continuation.resume(returning: .failure($0)) }
            if let refusal = admit(pending) { pending.refuse(refusal) }
        }
        return try result.get()
    }

    /// Takes no further writes and returns when all that were taken are done.
    func close() async {
        state.withLock { $0.isClosed = true }
        await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { _ in continuation.resume() }
        }
    }

    private func admit(_ pending: Pending) -> StoreError? {
        enum Verdict { case refused(StoreError), queued, first }
        let verdict: Verdict = state.withLock { state in
            if state.isClosed { return .refused(.unavailable("the store is closed")) }
            let isFull = state.waiting.count >= settings.maximumQueuedWrites
            if isFull || state.waitingBytes > 0 && state.waitingBytes + pending.bytes > settings.maximumQueuedBytes {
                return .refused(.unavailable("too many writes are waiting for the disk"))
            }
            state.waiting.append(pending)
            state.waitingBytes += pending.bytes
            defer { state.isDraining = true }
            return state.isDraining ? .queued : .first
        }
        switch verdict {
        case .refused(let error): return error
        case .queued: return nil
        case .first:
            pool.asyncWriteWithoutTransaction { database in self.drain(SQLite(database)) }
            return nil
        }
    }

    /// On the writer's queue: transaction after transaction until nothing waits.
    private func drain(_ sqlite: SQLite) {
        while let batch = nextBatch() {
            do { try sqlite.begin() } catch {
                for pending in batch { pending.refuse(error) }
                continue
            }
            let completions = batch.map { $0.run(sqlite) }
            let topics = Set(completions.flatMap(\.topics))
            let failure: StoreError?
            do {
                try sqlite.commit()
                failure = nil
            } catch { failure = error }
            // Also after a failure: it may be the answer that failed, not the commit.
            finished.forget(topics)
            for completion in completions { completion.settle(failure) }
            if failure == nil { hub.signal(topics) }
        }
    }

    private func nextBatch() -> [Pending]? {
        state.withLock { state in
            var count = 0
            var bytes = 0
            for pending in state.waiting.prefix(settings.maximumBatch) {
                count += 1
                bytes += pending.bytes
                if bytes >= settings.maximumBatchBytes { break }
            }
            guard count > 0 else {
                state.isDraining = false
                return nil
            }
            let batch = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            state.waitingBytes -= bytes
            return batch
        }
    }
}
