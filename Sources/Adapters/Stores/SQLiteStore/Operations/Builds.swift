import BuildDomain
import Orchestration

extension SQLiteStore {
    public func insert(
        key: IdempotencyKey?, _ make: @escaping @Sendable (Timestamp) -> Build
    ) async throws(StoreError) -> Insertion {
        let clock = clock
        return try await writes.submit { (sqlite) throws(StoreError) in
            if let key, let known = try sqlite.insertion(for: key) { return (known, []) }
            let change = BuildChange(from: nil, to: make(clock.now))
            try sqlite.insert(change, key: key)
            return (.inserted(change.build), change.topics)
        }
    }

    public func change<Answer: Sendable>(
        _ target: ChangeTarget, _ decide: @escaping Decision<Answer>
    ) async throws(StoreError) -> Answer {
        let clock = clock
        return try await writes.submit { (sqlite) throws(StoreError) in
            guard let before = try sqlite.load(target.build) else { throw .notFound }
            var context = ChangeContext(now: clock.now, log: LogExtent())
            if let attempt = target.attempt {
                guard before.jobs.contains(where: { $0.attempts.contains { $0.id == attempt } }) else {
                    throw .refused(.staleAttempt(attempt))
                }
                context.log = try sqlite.extent(of: attempt)
            }
            var after = before
            let answer: Answer
            do throws(Refusal) { answer = try decide(&after, context) } catch { throw .refused(error) }
            let change = BuildChange(from: before, to: after)
            if !change.isEmpty { try sqlite.update(change, before: before) }
            return (answer, change.topics)
        }
    }

    public func build(_ id: BuildID) async throws(StoreError) -> Build {
        let (kept, moment) = finished.find(id)
        if let kept { return kept }
        guard let build = try readNow({ (sqlite) throws(StoreError) in try sqlite.load(id) }) else { throw .notFound }
        finished.keep(build, readAt: moment)
        return build
    }

    public func builds(_ query: BuildQuery) async throws(StoreError) -> [Build] {
        var conditions: [String] = []
        var values: [SQLValue] = []
        let filters = [
            ("status = ?", query.status?.rawValue), ("repo_url = ?", query.repository), ("ref = ?", query.ref),
            ("id < ?", query.before?.description),
        ]
        for case (let condition, let value?) in filters {
            conditions.append(condition)
            values.append(.text(value))
        }
        values.append(SQLValue(max(0, query.limit)))
        return try await read { [conditions, values] (sqlite) throws(StoreError) in
            var reader = BuildReader()
            try sqlite.query(BuildSQL.list(conditions), values) { (row) throws(StoreError) in
                try reader.add(Columns(row))
            }
            return reader.finish().sorted { $0.id > $1.id }
        }
    }

    public func history(of id: BuildID) async throws(StoreError) -> [RecordedEvent] {
        let events = try await read { (sqlite) throws(StoreError) in
            try sqlite.all(BuildSQL.history, [.text(id.description)]) { (row) throws(StoreError) in
                let row = row.of("job_events")
                guard let event = EventJSON.event(try row.text(2)) else { throw row.broken(2, "holds no event") }
                return RecordedEvent(at: try row.time(1), event: event)
            }
        }
        if events.isEmpty { throw .notFound }
        return events
    }

    public func storedIDs(before key: String?, limit: Int) async throws(StoreError) -> [String] {
        // No text is greater than the last character there is.
        let before = key ?? "\u{10FFFF}"
        return try await read { (sqlite) throws(StoreError) in
            try sqlite.all(BuildSQL.storedIDs, [.text(before), SQLValue(max(0, limit))]) { (row) throws(StoreError) in
                try row.text(0)
            }
        }
    }

    public func statistics() async throws(StoreError) -> StoreStatistics {
        let now = clock.now
        return try await read { (sqlite) throws(StoreError) in
            let counts = try sqlite.all(BuildSQL.countByStatus) { (row) throws(StoreError) in
                (try row.word(0, as: BuildStatus.self), Int(try row.integer(1)))
            }
            let pending = try sqlite.first(BuildSQL.pending, [.integer(now.milliseconds)]) { (row) throws(StoreError) in
                (count: Int(try row.integer(0)), since: try row.optional(1, row.time))
            }
            return StoreStatistics(
                builds: Dictionary(uniqueKeysWithValues: counts), pendingJobs: pending?.count ?? 0,
                oldestPendingAge: pending?.since.map { max(.zero, now - $0) } ?? .zero)
        }
    }
}

extension SQLite {
    /// What a submit with a key that was used before is answered.
    fileprivate func insertion(for key: IdempotencyKey) throws(StoreError) -> Insertion? {
        let known = try first(BuildSQL.byKey, [.text(key.key)]) { (row) throws(StoreError) in
            (id: try row.identifier(0) as BuildID, fingerprint: try row.text(1))
        }
        guard let known else { return nil }
        guard known.fingerprint == key.fingerprint else { return .keyTaken(known.id) }
        guard let build = try load(known.id) else { throw .broken("builds \(known.id): vanished") }
        return .repeated(build)
    }
}
