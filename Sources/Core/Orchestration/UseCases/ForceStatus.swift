import BuildDomain

/// Moves a build to a status by hand, through the same operations that workers and users go through. For development
/// only.
public struct ForceStatus: Sendable {
    private let store: any BuildStore
    private let surroundings: Surroundings

    public init(store: any BuildStore, surroundings: Surroundings) {
        self.store = store
        self.surroundings = surroundings
    }

    /// - Throws: ``StoreError/refused(_:)`` where the state machine has no such transition.
    public func callAsFunction(_ status: BuildStatus, of id: BuildID) async throws(StoreError) -> Build {
        let surroundings = surroundings
        return try await store.change(ChangeTarget(build: id)) { (build, context) throws(Refusal) in
            let worker = WorkerReference(id: surroundings.identifier(), name: "development")
            try build.force(status, worker: worker, attempt: { surroundings.identifier() }, at: context.now)
            return build.withoutRecorded
        }
    }
}
