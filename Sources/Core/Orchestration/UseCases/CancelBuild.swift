import BuildDomain

/// Asks for a build to be stopped. What has not started is canceled at once; workers stop what is running.
public struct CancelBuild: Sendable {
    private let store: any BuildStore

    public init(store: any BuildStore) { self.store = store }

    /// - Returns: the build as it is now. Asking again changes nothing.
    /// - Throws: ``StoreError/refused(_:)`` with `alreadyFinished`.
    public func callAsFunction(_ id: BuildID) async throws(StoreError) -> Build {
        try await store.change(ChangeTarget(build: id)) { (build, context) throws(Refusal) in
            try build.cancel(at: context.now)
            return build.withoutRecorded
        }
    }
}
