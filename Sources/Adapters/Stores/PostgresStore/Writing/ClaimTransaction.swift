import BuildDomain
import Orchestration

/// One transaction that hands out jobs to several claims for the same labels.
enum ClaimTransaction {
    static func run(
        _ requests: [ClaimRequest], in session: PostgresSession, notifier: Notifier
    ) throws -> LaneOutcome {
        let wanted = requests.reduce(0) { $0 + $1.filter.limit }
        let labels = PostgresValue.text(LabelSet.text(of: requests.first?.filter.labels ?? []))
        let picked = try session.query(ClaimSQL.pick, [labels, .int64(Int64(wanted))])
        var picks: [(job: JobID, build: BuildID)] = []
        for row in picked.rows { picks.append((try row.identifier(0), try row.identifier(1))) }
        // Fewer than wanted: were there no more, or did others hold them?
        let isShort = picks.count < wanted
        var batch = StatementBatch()
        batch.add(BuildSQL.load, [.ids(Set(picks.map(\.build)))])
        batch.add(BuildSQL.readClock)
        if isShort { batch.add(ClaimSQL.count, [labels, .int64(Int64(picks.count + 1))]) }
        let results = try session.pipeline(batch.statements)
        let now = try results[1].only().time(0)
        let hasMore = isShort ? try results[2].only().integer(0) > picks.count : false
        let loaded = try BuildReader.builds(results[0])
        var handout = Handout(picks: picks, builds: loaded, now: now)
        let isContended = handout.dropTaken() || hasMore
        let settlements = requests.map { handout.serve($0).settlement(isContended: isContended) }
        let writes = handout.writes()
        try session.commit(writes.statements() + notifier.statements(for: writes.topics))
        return LaneOutcome(settlements: settlements, topics: writes.topics)
    }
}

/// Deals picked jobs to claims, who comes first is served first.
private struct Handout {
    private var picks: [(job: JobID, build: BuildID)]
    private let before: [BuildID: Build]
    private var after: [BuildID: Build]
    private let now: Timestamp

    init(picks: [(job: JobID, build: BuildID)], builds: [Build], now: Timestamp) {
        self.picks = picks
        self.now = now
        before = Dictionary(uniqueKeysWithValues: builds.map { ($0.id, $0) })
        after = before
    }

    /// Drops the jobs that others took between the look and the lock.
    /// - Returns: whether there were any.
    mutating func dropTaken() -> Bool {
        let pending = Set(before.values.flatMap { $0.jobs.filter { $0.status == .pending }.map(\.id) })
        let count = picks.count
        picks.removeAll { !pending.contains($0.job) }
        return picks.count < count
    }

    mutating func serve(_ request: ClaimRequest) -> any ClaimTry {
        let claim = request.begin()
        var taken = 0
        var left: [(job: JobID, build: BuildID)] = []
        for (index, pick) in picks.enumerated() {
            guard taken < request.filter.limit else {
                left += picks[index...]
                break
            }
            // Two jobs may be of one build: the second is taken from what the first has made of it.
            if var build = after[pick.build], claim.take(pick.job, of: &build, at: now) {
                after[pick.build] = build
                taken += 1
            } else {
                left.append(pick)
            }
        }
        picks = left
        return claim
    }

    func writes() -> BuildWrites {
        var writes = BuildWrites()
        for (id, build) in after {
            guard let before = before[id] else { continue }
            writes.update(BuildChange(from: before, to: build), before: before)
        }
        return writes
    }
}

private enum ClaimSQL {
    /// The first jobs by priority, then age, that a worker with the labels `$1` can take now, twice `$2` of them and
    /// some more: the distinct sets of labels that wait, by leaps through the index, and the first jobs of each that
    /// matches. It takes as long as there are sets, not jobs.
    private static let candidates = """
        WITH RECURSIVE sets AS (
            (SELECT md5(labels::text)::uuid AS hash, labels FROM jobs WHERE status = 'pending'
            ORDER BY md5(labels::text)::uuid LIMIT 1)
            UNION ALL
            SELECT next.hash, next.labels FROM sets CROSS JOIN LATERAL (
                SELECT md5(labels::text)::uuid AS hash, labels FROM jobs
                WHERE status = 'pending' AND md5(labels::text)::uuid > sets.hash
                ORDER BY md5(labels::text)::uuid LIMIT 1
            ) AS next
        ), candidates AS MATERIALIZED (
            SELECT job.id, job.build_id, job.priority FROM sets CROSS JOIN LATERAL (
                SELECT id, build_id, priority FROM jobs
                WHERE status = 'pending' AND md5(labels::text)::uuid = sets.hash
                    AND not_before <= (SELECT \(BuildSQL.now))
                ORDER BY priority DESC, id LIMIT $2 * 2 + 64
            ) AS job
            WHERE sets.labels <@ $1::jsonb
            ORDER BY job.priority DESC, job.id LIMIT $2 * 2 + 64
        )
        """

    /// Takes the lock of each job's build, and passes over those that others have. More candidates than wanted, so that
    /// claimers who look at the same time find something each.
    static let pick = """
        \(candidates)
        SELECT c.id, c.build_id FROM candidates c JOIN builds b ON b.id = c.build_id
        ORDER BY c.priority DESC, c.id LIMIT $2 FOR NO KEY UPDATE OF b SKIP LOCKED
        """

    /// How many there are now, to `$2`, whoever holds them.
    static let count = "\(candidates) SELECT count(*) FROM (SELECT FROM candidates LIMIT $2) AS first"
}
