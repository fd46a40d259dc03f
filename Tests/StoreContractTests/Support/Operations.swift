import BuildDomain
import Orchestration
import Testing

/// The operations of the system as cases use them.
extension StoreUnderTest {
    @discardableResult
    func submit(_ seed: BuildSeed = Fixture.seed(), key: IdempotencyKey? = nil) async throws(StoreError) -> Build {
        switch try await store.insert(key: key, { Build(seed: seed, at: $0) }) {
        case .inserted(let build), .repeated(let build): return build
        case .keyTaken(let id): throw .broken("the key is taken by \(id)")
        }
    }

    /// Claims up to `limit` jobs for a worker with `labels`.
    func claim(
        limit: Int = 1, labels: [String] = [], worker: WorkerReference = Fixture.worker, lease: Duration = .seconds(60)
    ) async throws(StoreError) -> [AttemptReference] {
        let filter = ClaimFilter(worker: worker, labels: Set(labels.map(Label.init(accepted:))), limit: limit)
        return try await store.claim(filter) { (build, job, now) throws(Refusal) in
            let attempt: AttemptID = Fresh.id()
            try build.claim(job: job, attempt: attempt, worker: worker, lease: lease, at: now)
            return AttemptReference(build: build.id, job: job, attempt: attempt)
        }
    }

    /// Submits a build of one job and claims it.
    func start(_ seed: BuildSeed = Fixture.seed(), lease: Duration = .seconds(60)) async throws -> AttemptReference {
        try await submit(seed)
        return try #require(try await claim(lease: lease).first)
    }

    func report(_ progress: AttemptProgress, of attempt: AttemptReference) async throws(StoreError) {
        try await store.change(target(attempt)) { (build, context) throws(Refusal) in
            try build.report(progress, attempt: attempt.attempt, at: context.now)
        }
    }

    func finish(
        _ attempt: AttemptReference, _ end: AttemptEnd = Fixture.end(), progress: AttemptProgress = Fixture.progress()
    ) async throws(StoreError) {
        try await store.change(target(attempt)) { (build, context) throws(Refusal) in
            try build.finish(
                attempt: attempt.attempt, progress: progress, end: end, stored: context.log, retry: .immediate,
                random: 0,
                at: context.now)
        }
    }

    func lose(_ attempt: AttemptReference) async throws(StoreError) {
        try await store.change(target(attempt)) { (build, context) throws(Refusal) in
            try build.lose(attempt: attempt.attempt, error: "gone", retry: .immediate, random: 0, at: context.now)
        }
    }

    func cancel(_ build: BuildID) async throws(StoreError) {
        try await store.change(ChangeTarget(build: build)) { (build, context) throws(Refusal) in
            try build.cancel(at: context.now)
        }
    }

    private func target(_ attempt: AttemptReference) -> ChangeTarget {
        ChangeTarget(build: attempt.build, attempt: attempt.attempt)
    }
}

/// Runs `body` for each number at once.
func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup { group in
        for index in 0..<count { group.addTask { try await body(index) } }
        try await group.waitForAll()
    }
}
