import BuildDomain

/// Notes how far a live attempt is.
public struct ReportProgress: Sendable {
    private let store: any BuildStore

    public init(store: any BuildStore) { self.store = store }

    public func callAsFunction(
        _ progress: AttemptProgress, of attempt: AttemptReference
    ) async throws(StoreError) {
        try await store.change(ChangeTarget(build: attempt.build, attempt: attempt.attempt)) {
            (build, context) throws(Refusal) in
            try build.report(progress, attempt: attempt.attempt, at: context.now)
        }
    }
}
