import BuildDomain
import Foundation
import Orchestration

extension PostgresStore {
    public func insert(
        key: IdempotencyKey?, _ make: @escaping @Sendable (Timestamp) -> Build
    ) async throws(StoreError) -> Insertion {
        let result: Result<Insertion, StoreError> = await withCheckedContinuation { continuation in
            lane(of: key).submit(.insert(.init(key: key, make: make) { continuation.resume(returning: $0) }))
        }
        return try result.get()
    }

    public func change<Answer: Sendable>(
        _ target: ChangeTarget, _ decide: @escaping Decision<Answer>
    ) async throws(StoreError) -> Answer {
        let result: Result<Answer, StoreError> = await withCheckedContinuation { continuation in
            let decideAndKeep: @Sendable (inout Build, ChangeContext) -> Settlement = { build, context in
                var after = build
                let result = Result<Answer, StoreError> { () throws(StoreError) in
                    do throws(Refusal) { return try decide(&after, context) } catch { throw .refused(error) }
                }
                if case .success = result { build = after }
                return { error in continuation.resume(returning: error.map(Result.failure) ?? result) }
            }
            let change = BuildRequest.Change(target: target, decide: decideAndKeep) {
                continuation.resume(returning: .failure($0))
            }
            lane(of: target.build).submit(.change(change))
        }
        return try result.get()
    }

    public func build(_ id: BuildID) async throws(StoreError) -> Build {
        let builds = try await read { session in
            try BuildReader.builds(try session.query(BuildSQL.load, [.ids([id])]))
        }
        guard let build = builds.first else { throw .notFound }
        return build
    }

    public func builds(_ query: BuildQuery) async throws(StoreError) -> [Build] {
        var conditions: [String] = []
        var values: [PostgresValue] = []
        let filters: [(String, PostgresValue?)] = [
            ("status =", query.status.map { .text($0.rawValue) }), ("repo_url =", query.repository.map { .text($0) }),
            ("ref =", query.ref.map { .text($0) }), ("id <", query.before.map { .id($0) }),
        ]
        for case (let condition, let value?) in filters {
            values.append(value)
            conditions.append("\(condition) $\(values.count)")
        }
        values.append(.int64(Int64(max(0, query.limit))))
        let sql = BuildSQL.list(conditions, limit: values.count)
        return try await read { [values] session in try BuildReader.builds(try session.query(sql, values)) }
    }

    public func history(of id: BuildID) async throws(StoreError) -> [RecordedEvent] {
        let events = try await read { session in
            try session.query(BuildSQL.history, [.id(id)]).rows.map { row in
                guard let event = EventJSON.event(try row.text(1)) else { throw row.mismatch(1, "holds no event") }
                return RecordedEvent(at: try row.time(0), event: event)
            }
        }
        if events.isEmpty { throw .notFound }
        return events
    }

    public func storedIDs(before key: String?, limit: Int) async throws(StoreError) -> [String] {
        // Nothing is less than what is no UUID: the column holds nothing else.
        let before = key.map { BuildID($0) ?? BuildID(high: 0, low: 0) } ?? BuildID(high: .max, low: .max)
        return try await read { session in
            try session.query(BuildSQL.storedIDs, [.id(before), .int64(Int64(max(0, limit)))]).rows.map { row in
                (try row.identifier(0) as BuildID).description
            }
        }
    }

    public func statistics() async throws(StoreError) -> StoreStatistics {
        try await read { session in
            let counts = try session.query(BuildSQL.countByStatus).rows.map { row in
                (try row.word(0, as: BuildStatus.self), try row.integer(1))
            }
            let pending = try session.query(BuildSQL.pending).only()
            let now = try pending.time(0)
            return StoreStatistics(
                builds: Dictionary(uniqueKeysWithValues: counts), pendingJobs: try pending.integer(1),
                oldestPendingAge: try pending.optionalTime(2).map { max(.zero, now - $0) } ?? .zero)
        }
    }
}

extension EventJSON {
    /// - Returns: `nil` where the text is not an event.
    fileprivate static func event(_ text: String) -> BuildEvent? {
        try? JSONDecoder().decode(BuildEvent.self, from: Data(text.utf8))
    }
}
