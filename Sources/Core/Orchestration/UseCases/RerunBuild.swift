import BuildDomain

/// Executes jobs of a build once more.
public struct RerunBuild: Sendable {
    private let store: any BuildStore

    public init(store: any BuildStore) { self.store = store }

    /// - Returns: the build as it is then.
    /// - Throws: ``StoreError/notFound``, ``StoreError/refused(_:)`` with `nothingToRerun` or `cancelUnderWay`.
    public func callAsFunction(_ scope: RerunScope, of id: BuildID) async throws(StoreError) -> Build {
        try await store.change(ChangeTarget(build: id)) { (build, context) throws(Refusal) in
            try build.rerun(scope, at: context.now)
            return build.withoutRecorded
        }
    }
}
