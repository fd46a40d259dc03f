/// Which of a build's jobs to execute once more.
public enum RerunScope: String, Sendable, Hashable, CaseIterable {
    /// Those that did not succeed.
    case failed
    /// All that have ended.
    case all
}

extension Build {
    /// Executes jobs once more: those of `scope`, and every job that has ended and needs one of them. Siblings that
    /// still run go on. Earlier attempts stay as they are, with their logs.
    /// - Throws: ``Refusal/nothingToRerun``, ``Refusal/cancelUnderWay``.
    public mutating func rerun(_ scope: RerunScope, at now: Timestamp) throws(Refusal) {
        if cancelRequestedAt != nil, !status.isTerminal { throw .cancelUnderWay }
        var chosen = Set(
            jobs.filter { $0.status.isTerminal && (scope == .all || $0.status != .success) }.map(\.spec.name))
        var count = -1
        while count != chosen.count {
            count = chosen.count
            for job in jobs where job.status.isTerminal && !chosen.isDisjoint(with: job.spec.needs) {
                chosen.insert(job.spec.name)
            }
        }
        let ids = jobs.filter { chosen.contains($0.spec.name) }.map(\.id)
        guard !ids.isEmpty else { throw .nothingToRerun }
        try record(.rerun(ids), at: now)
        // A job that waits for one that succeeded long ago waits for nothing.
        try releaseDependents(at: now)
    }
}
