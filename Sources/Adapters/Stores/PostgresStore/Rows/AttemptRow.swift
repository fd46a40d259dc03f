import BuildDomain
import Orchestration

extension Attempt {
    init(_ row: PostgresRow, base: Int) throws {
        let status: AttemptStatus = try row.word(base + 4)
        self.init(
            id: try row.identifier(base), number: try row.integer(base + 1),
            worker: WorkerReference(id: try row.identifier(base + 2), name: try row.text(base + 3)), status: status,
            end: status.isTerminal ? try AttemptEnd(row, base: base, outcome: status) : nil,
            commit: try row.optionalCommit(base + 9), steps: try row.json(base + 10, StepJSON.steps),
            startedAt: try row.time(base + 15), finishedAt: try row.optionalTime(base + 16),
            lease: Lease(expiresAt: try row.time(base + 11)))
    }
}

extension AttemptEnd {
    fileprivate init(_ row: PostgresRow, base: Int, outcome: AttemptStatus) throws {
        let seal = try row.optionalText(base + 14).map { sha256 in
            LogSeal(
                extent: LogExtent(length: try row.int64(base + 12), lines: try row.int64(base + 13)), sha256: sha256)
        }
        self.init(
            outcome: outcome, reason: try row.optionalWord(base + 5), exitCode: try row.optionalInteger(base + 6),
            signal: try row.optionalInteger(base + 7), error: try row.optionalText(base + 8), seal: seal)
    }
}
