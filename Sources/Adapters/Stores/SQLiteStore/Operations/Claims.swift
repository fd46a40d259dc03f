import BuildDomain
import Orchestration

extension SQLiteStore {
    public func claim<Answer: Sendable>(
        _ filter: ClaimFilter,
        _ take: @escaping @Sendable (inout Build, JobID, Timestamp) throws(Refusal) -> Answer
    ) async throws(StoreError) -> [Answer] {
        let clock = clock
        return try await writes.submit { (sqlite) throws(StoreError) in
            let now = clock.now
            var builds: [BuildID: Build] = [:]
            var answers: [Answer] = []
            var topics: [Topic] = []
            for candidate in try sqlite.claimable(filter, at: now) {
                // Two jobs of one batch may be of one build: the second is taken from what the first has made of it.
                let known = builds[candidate.build]
                guard let before = known == nil ? try sqlite.load(candidate.build) : known else { continue }
                var after = before
                guard let answer = try? take(&after, candidate.job, now) else { continue }
                let change = BuildChange(from: before, to: after)
                try sqlite.update(change, before: before)
                builds[candidate.build] = change.build
                answers.append(answer)
                topics += change.topics
            }
            return (answers, topics)
        }
    }
}

/// A job that a worker may take.
private struct Candidate {
    var job: JobID
    var build: BuildID
    var priority: Int64
}

private enum ClaimSQL {
    /// The distinct sets of labels that wait, by leaps through the index: it takes as long as there are sets, not jobs.
    static let labelSets = """
        WITH RECURSIVE sets (labels) AS (
            SELECT min(labels) FROM jobs WHERE status = 'pending'
            UNION ALL
            SELECT (SELECT min(labels) FROM jobs WHERE status = 'pending' AND labels > sets.labels)
            FROM sets WHERE sets.labels IS NOT NULL
        )
        SELECT labels FROM sets WHERE labels IS NOT NULL
        """

    static let candidates = """
        SELECT id, build_id, priority FROM jobs
        WHERE status = 'pending' AND labels = ? AND not_before <= ?
        ORDER BY priority DESC, id LIMIT ?
        """
}

extension SQLite {
    /// The first jobs by priority, then age, that a worker with these labels can take now.
    fileprivate func claimable(_ filter: ClaimFilter, at now: Timestamp) throws(StoreError) -> [Candidate] {
        guard filter.limit > 0 else { return [] }
        let sets = try all(ClaimSQL.labelSets) { (row) throws(StoreError) in
            (text: try row.text(0), labels: try row.of("jobs").json(0, LabelSet.labels))
        }
        let matching = sets.filter { $0.labels.isSubset(of: filter.labels) }
        var candidates: [Candidate] = []
        for (text, _) in matching {
            candidates += try all(
                ClaimSQL.candidates, [.text(text), .integer(now.milliseconds), SQLValue(filter.limit)]
            ) { (row) throws(StoreError) in
                let row = row.of("jobs")
                return Candidate(
                    job: try row.identifier(0), build: try row.identifier(1), priority: try row.integer(2))
            }
        }
        if matching.count > 1 {
            candidates.sort { ($1.priority, $0.job) < ($0.priority, $1.job) }
        }
        return Array(candidates.prefix(filter.limit))
    }
}
