import BuildDomain
import Orchestration

/// A chunk that waits to be appended.
struct AppendRequest: LaneRequest {
    let attempt: AttemptID
    let chunk: LogChunk
    let answer: @Sendable (Result<LogExtent, StoreError>) -> Void

    var weight: Int { chunk.text.count }
    func refuse(_ error: StoreError) { answer(.failure(error)) }
}

/// One transaction that appends to several logs.
enum AppendTransaction {
    static func run(
        _ requests: [AppendRequest], in session: PostgresSession, notifier: Notifier
    ) throws -> LaneOutcome {
        let ids = PostgresValue.ids(Set(requests.map(\.attempt)))
        let results = try session.pipeline([
            PostgresStatement(LogSQL.lockLive, [ids]), PostgresStatement(LogSQL.extents, [ids]),
        ])
        var live: Set<AttemptID> = []
        for row in results[0].rows { live.insert(try row.identifier(0)) }
        var extents = try LogSQL.extents(results[1])
        var new: [(attempt: AttemptID, chunk: LogChunk)] = []
        var settlements: [Settlement] = []
        for request in requests {
            let result = Result<LogExtent, StoreError> { () throws(StoreError) in
                guard live.contains(request.attempt) else { throw .refused(.staleAttempt(request.attempt)) }
                let stored = extents[request.attempt] ?? LogExtent()
                do throws(Refusal) {
                    guard let chunk = try stored.accept(request.chunk) else { return stored }
                    new.append((request.attempt, chunk))
                    extents[request.attempt] = chunk.end
                    return chunk.end
                } catch { throw .refused(error) }
            }
            settlements.append { error in request.answer(error.map(Result.failure) ?? result) }
        }
        // Who waits in this process is told by the caller.
        let topics = Set(new.map { Topic.log($0.attempt) })
        try session.commit((new.isEmpty ? [] : [.insert(chunks: new)]) + notifier.statements(for: topics))
        return LaneOutcome(settlements: settlements, topics: [])
    }
}
