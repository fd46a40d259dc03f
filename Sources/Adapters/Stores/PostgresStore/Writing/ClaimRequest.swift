import BuildDomain
import Orchestration

/// A claim that waits. Claims for the same labels share a transaction.
struct ClaimRequest: LaneRequest {
    let filter: ClaimFilter
    /// Begins a try; there is another one where the server rolled the transaction back.
    let begin: @Sendable () -> any ClaimTry
    let refuse: @Sendable (StoreError) -> Void

    var weight: Int { filter.limit }
    func canJoin(_ first: ClaimRequest) -> Bool { filter.labels == first.filter.labels }
    func refuse(_ error: StoreError) { refuse(error) }
}

/// Gathers what one claim takes within one transaction.
protocol ClaimTry: AnyObject {
    /// Takes a job, or leaves the build as it was where that is refused.
    /// - Returns: whether it was taken.
    func take(_ job: JobID, of build: inout Build, at now: Timestamp) -> Bool
    /// - Parameter isContended: whether there was more that others held.
    func settlement(isContended: Bool) -> Settlement
}

/// What a claim got.
struct ClaimAnswer<Answer: Sendable>: Sendable {
    var answers: [Answer]
    /// There were more jobs, but others were busy with their builds.
    var isContended: Bool
}

final class TypedClaimTry<Answer: Sendable>: ClaimTry {
    typealias Take = @Sendable (inout Build, JobID, Timestamp) throws(Refusal) -> Answer

    private let takeJob: Take
    private let answer: @Sendable (Result<ClaimAnswer<Answer>, StoreError>) -> Void
    private var answers: [Answer] = []

    init(_ take: @escaping Take, answer: @escaping @Sendable (Result<ClaimAnswer<Answer>, StoreError>) -> Void) {
        takeJob = take
        self.answer = answer
    }

    func take(_ job: JobID, of build: inout Build, at now: Timestamp) -> Bool {
        var after = build
        guard let taken = try? takeJob(&after, job, now) else { return false }
        answers.append(taken)
        build = after
        return true
    }

    func settlement(isContended: Bool) -> Settlement {
        let claimed = ClaimAnswer(answers: answers, isContended: isContended)
        return { [answer] error in answer(error.map(Result.failure) ?? .success(claimed)) }
    }
}
