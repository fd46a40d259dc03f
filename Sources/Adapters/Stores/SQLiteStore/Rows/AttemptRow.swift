import BuildDomain
import Orchestration

extension Attempt {
    init(_ row: Columns) throws(StoreError) {
        let status: AttemptStatus = try row.word(4)
        let commit = try row.optional(9) { (column) throws(StoreError) in try row.commit(column) }
        self.init(
            id: try row.identifier(0), number: Int(try row.integer(1)),
            worker: WorkerReference(id: try row.identifier(2), name: try row.text(3)), status: status,
            end: status.isTerminal ? try AttemptEnd(row, outcome: status) : nil, commit: commit,
            steps: try row.json(10, StepJSON.steps), startedAt: try row.time(15),
            finishedAt: try row.optional(16, row.time), lease: Lease(expiresAt: try row.time(11)))
    }
}

extension AttemptEnd {
    fileprivate init(_ row: Columns, outcome: AttemptStatus) throws(StoreError) {
        let seal: LogSeal? =
            row.isNull(14)
            ? nil
            : LogSeal(
                extent: LogExtent(length: try row.integer(12), lines: try row.integer(13)), sha256: try row.text(14))
        self.init(
            outcome: outcome, reason: try row.optional(5) { (column) throws(StoreError) in try row.word(column) },
            exitCode: try row.optional(6, row.integer).map { Int($0) },
            signal: try row.optional(7, row.integer).map { Int($0) }, error: try row.optional(8, row.text), seal: seal)
    }
}

extension Columns {
    func commit(_ index: Int32) throws(StoreError) -> CommitSHA {
        guard let commit = CommitSHA(try text(index)) else { throw broken(index, "holds no full commit id") }
        return commit
    }
}
