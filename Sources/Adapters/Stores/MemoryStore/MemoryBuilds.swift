import BuildDomain
import Orchestration

extension MemoryStore {
    public func insert(
        key: IdempotencyKey?, _ make: @escaping @Sendable (Timestamp) -> Build
    ) async throws(StoreError) -> Insertion {
        try write { (state) throws(StoreError) in
            if let key, let known = state.keys[key.key] {
                guard known.fingerprint == key.fingerprint, let build = state.builds[known.build] else {
                    return (.keyTaken(known.build), [])
                }
                return (.repeated(build), [])
            }
            let change = BuildChange(from: nil, to: make(clock.now))
            guard state.builds[change.build.id] == nil else { throw .broken("builds \(change.build.id): exists") }
            state.apply(change)
            if let key { state.keys[key.key] = .init(fingerprint: key.fingerprint, build: change.build.id) }
            return (.inserted(change.build), change.topics)
        }
    }

    public func change<Answer: Sendable>(
        _ target: ChangeTarget, _ decide: @escaping Decision<Answer>
    ) async throws(StoreError) -> Answer {
        try write { (state) throws(StoreError) in
            guard let before = state.builds[target.build] else { throw .notFound }
            var context = ChangeContext(now: clock.now, log: LogExtent())
            if let attempt = target.attempt {
                guard before.jobs.contains(where: { $0.attempts.contains { $0.id == attempt } }) else {
                    throw .refused(.staleAttempt(attempt))
                }
                context.log = state.extent(of: attempt)
            }
            var after = before
            let answer: Answer
            do throws(Refusal) { answer = try decide(&after, context) } catch { throw .refused(error) }
            let change = BuildChange(from: before, to: after)
            if !change.isEmpty { state.apply(change) }
            return (answer, change.topics)
        }
    }

    public func claim<Answer: Sendable>(
        _ filter: ClaimFilter,
        _ take: @escaping @Sendable (inout Build, JobID, Timestamp) throws(Refusal) -> Answer
    ) async throws(StoreError) -> [Answer] {
        try write { (state) throws(StoreError) in
            let now = clock.now
            var answers: [Answer] = []
            var topics: [Topic] = []
            for candidate in state.claimable(filter, at: now) {
                guard let before = state.builds[candidate.build] else { continue }
                var after = before
                guard let answer = try? take(&after, candidate.job, now) else { continue }
                let change = BuildChange(from: before, to: after)
                state.apply(change)
                answers.append(answer)
                topics += change.topics
            }
            return (answers, topics)
        }
    }

    public func build(_ id: BuildID) async throws(StoreError) -> Build {
        try read { (state) throws(StoreError) in
            guard let build = state.builds[id] else { throw .notFound }
            return build
        }
    }

    public func builds(_ query: BuildQuery) async throws(StoreError) -> [Build] {
        try read { (state) throws(StoreError) in
            let found = state.builds.values.filter { build in
                (query.status.map { build.status == $0 } ?? true)
                    && (query.repository.map { build.repository.description == $0 } ?? true)
                    && (query.ref.map { build.ref.description == $0 } ?? true)
                    && (query.before.map { build.id < $0 } ?? true)
            }
            return Array(found.sorted { $0.id > $1.id }.prefix(max(0, query.limit)))
        }
    }

    public func history(of id: BuildID) async throws(StoreError) -> [RecordedEvent] {
        try read { (state) throws(StoreError) in
            guard let history = state.histories[id] else { throw .notFound }
            return history
        }
    }

    public func storedIDs(before key: String?, limit: Int) async throws(StoreError) -> [String] {
        try read { (state) throws(StoreError) in
            let ids = Set(state.builds.keys).union(state.histories.keys).map(\.description)
            return Array(ids.filter { id in key.map { id < $0 } ?? true }.sorted(by: >).prefix(max(0, limit)))
        }
    }

    public func statistics() async throws(StoreError) -> StoreStatistics {
        try read { (state) throws(StoreError) in
            let now = clock.now
            let counts = state.builds.values.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
            let pending = state.queue.compactMap { state.pendingJob($0, at: now)?.pendingSince }
            return StoreStatistics(
                builds: counts, pendingJobs: pending.count,
                oldestPendingAge: pending.min().map { max(.zero, now - $0) } ?? .zero)
        }
    }
}

extension MemoryState {
    /// The first jobs that a worker with these labels can take now.
    fileprivate func claimable(_ filter: ClaimFilter, at now: Timestamp) -> [QueueEntry] {
        let matching = queue.lazy.filter { entry in
            entry.labels.isSubset(of: filter.labels) && pendingJob(entry, at: now) != nil
        }
        return Array(matching.prefix(max(0, filter.limit)))
    }

    /// The job, where it does not back off.
    func pendingJob(_ entry: QueueEntry, at now: Timestamp) -> Job? {
        builds[entry.build]?.jobs.first { $0.id == entry.job && $0.notBefore <= now }
    }
}
