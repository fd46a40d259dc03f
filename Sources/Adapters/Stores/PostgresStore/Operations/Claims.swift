import BuildDomain
import Orchestration

extension PostgresStore {
    public func claim<Answer: Sendable>(
        _ filter: ClaimFilter,
        _ take: @escaping @Sendable (inout Build, JobID, Timestamp) throws(Refusal) -> Answer
    ) async throws(StoreError) -> [Answer] {
        guard filter.limit > 0 else { return [] }
        for _ in 1..<PostgresLimits.claimLooks {
            let claimed = try await claimOnce(filter, take)
            if !claimed.answers.isEmpty || !claimed.isContended { return claimed.answers }
            // Whoever is busy with those builds may leave their jobs unclaimed, without a signal that they are.
            do { try await Task.sleep(for: PostgresLimits.claimPause) } catch { return [] }
        }
        return try await claimOnce(filter, take).answers
    }

    private func claimOnce<Answer: Sendable>(
        _ filter: ClaimFilter, _ take: @escaping TypedClaimTry<Answer>.Take
    ) async throws(StoreError) -> ClaimAnswer<Answer> {
        let result: Result<ClaimAnswer<Answer>, StoreError> = await withCheckedContinuation { continuation in
            claims.submit(
                ClaimRequest(
                    filter: filter,
                    begin: { TypedClaimTry(take) { continuation.resume(returning: $0) } },
                    refuse: { continuation.resume(returning: .failure($0)) }))
        }
        return try result.get()
    }
}
