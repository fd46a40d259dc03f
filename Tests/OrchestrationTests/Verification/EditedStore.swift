import BuildDomain
import MemoryStore
import Orchestration
import Synchronization

/// A store whose answers are changed on their way: damage that no other way in allows.
final class EditedStore: HistoryStore {
    struct Edits: Sendable {
        var ids: @Sendable ([String]) -> [String] = { $0 }
        var rows: @Sendable (Build) throws(StoreError) -> Build = { (build) throws(StoreError) in build }
        var history: @Sendable (BuildID, [RecordedEvent]) throws(StoreError) -> [RecordedEvent] = {
            (_, events) throws(StoreError) in events
        }
        var chunks: @Sendable ([LogChunk]) throws(StoreError) -> [LogChunk] = { (chunks) throws(StoreError) in chunks }
        /// Done after a history was read, before anything else is.
        var afterHistory: @Sendable (BuildID) async throws -> Void = { _ in }
    }

    private let inner: MemoryStore
    private let edits: Edits
    private let reads = Mutex<[Int]>([])

    init(_ inner: MemoryStore, _ edits: Edits = Edits()) {
        self.inner = inner
        self.edits = edits
    }

    /// The bytes of each answer to ``log(of:from:byteLimit:)``.
    var logReads: [Int] { reads.withLock { $0 } }

    func storedIDs(before key: String?, limit: Int) async throws(StoreError) -> [String] {
        edits.ids(try await inner.storedIDs(before: key, limit: limit))
    }

    func build(_ id: BuildID) async throws(StoreError) -> Build { try edits.rows(try await inner.build(id)) }

    func history(of id: BuildID) async throws(StoreError) -> [RecordedEvent] {
        let events = try edits.history(id, try await inner.history(of: id))
        do { try await edits.afterHistory(id) } catch { throw .unavailable("\(error)") }
        return events
    }

    func log(of attempt: AttemptID, from first: Int64, byteLimit: Int) async throws(StoreError) -> [LogChunk] {
        let chunks = try edits.chunks(try await inner.log(of: attempt, from: first, byteLimit: byteLimit))
        reads.withLock { $0.append(chunks.reduce(0) { $0 + $1.text.count }) }
        return chunks
    }

    func extent(of attempt: AttemptID) async throws(StoreError) -> LogExtent { try await inner.extent(of: attempt) }

    func insert(
        key: IdempotencyKey?, _ make: @escaping @Sendable (Timestamp) -> Build
    ) async throws(StoreError) -> Insertion { try await inner.insert(key: key, make) }

    func change<Answer: Sendable>(
        _ target: ChangeTarget, _ decide: @escaping Decision<Answer>
    ) async throws(StoreError) -> Answer { try await inner.change(target, decide) }

    func claim<Answer: Sendable>(
        _ filter: ClaimFilter, _ take: @escaping @Sendable (inout Build, JobID, Timestamp) throws(Refusal) -> Answer
    ) async throws(StoreError) -> [Answer] { try await inner.claim(filter, take) }

    func builds(_ query: BuildQuery) async throws(StoreError) -> [Build] { try await inner.builds(query) }
    func statistics() async throws(StoreError) -> StoreStatistics { try await inner.statistics() }
    func append(_ chunk: LogChunk, to attempt: AttemptID) async throws(StoreError) -> LogExtent {
        try await inner.append(chunk, to: attempt)
    }
}
