import BuildDomain

/// Takes note of a worker. One that comes back without the attempts it had has lost them: they are offered again at
/// once.
public struct RegisterWorker: Sendable {
    private let store: any Store
    private let timekeeper: any Timekeeper
    private let loseAttempt: LoseAttempt

    init(store: any Store, timekeeper: any Timekeeper, loseAttempt: LoseAttempt) {
        self.store = store
        self.timekeeper = timekeeper
        self.loseAttempt = loseAttempt
    }

    public func callAsFunction(_ registration: WorkerRegistration) async throws(StoreError) {
        let now = timekeeper.now
        try await store.register(
            Worker(
                id: registration.id, name: registration.name, labels: registration.labels,
                capacity: registration.capacity, version: registration.version, isDraining: registration.isDraining,
                registeredAt: now, lastSeenAt: now))
        let holding = Set(registration.holding)
        var failure: StoreError?
        for lost in try await store.liveAttempts(of: registration.id) where !holding.contains(lost.attempt) {
            // One that cannot be ended must not keep the others from being offered again.
            do throws(StoreError) {
                try await loseAttempt(
                    lost, why: .workerLeft,
                    error: "worker \(registration.name) was restarted while it executed this attempt")
            } catch { failure = error }
        }
        // The worker repeats what may succeed another time. What cannot must not keep it out for ever: the leases of
        // those attempts run out.
        if let failure, failure.mayPass { throw failure }
    }
}

/// Declares an attempt lost; harmless where it has ended meanwhile.
struct LoseAttempt: Sendable {
    enum Cause: Sendable {
        /// Its lease ran out when somebody looked; whether it was renewed since is looked at again.
        case leaseExpired
        case workerLeft
    }

    let store: any Store
    let retry: RetryPolicy
    let entropy: any Entropy
    let metrics: Metrics

    /// - Returns: whether it was declared lost.
    @discardableResult
    func callAsFunction(
        _ lost: AttemptReference, why cause: Cause, error: String
    ) async throws(StoreError) -> Bool {
        let (retry, random) = (retry, entropy.random())
        do {
            let isLost = try await store.change(ChangeTarget(build: lost.build, attempt: lost.attempt)) {
                (build, context) throws(Refusal) in
                switch cause {
                case .leaseExpired:
                    try build.loseExpired(
                        attempt: lost.attempt, error: error, retry: retry, random: random, at: context.now)
                case .workerLeft:
                    try build.lose(
                        attempt: lost.attempt, error: error, retry: retry, random: random, at: context.now)
                }
                return !build.recorded.isEmpty
            }
            guard isLost else { return false }
            metrics.add(1, to: .attemptsEnded, labels: ["outcome": "failed", "reason": Reason.workerLost.rawValue])
            return true
        } catch .refused(.staleAttempt) {
            return false
        }
    }
}

extension StoreError {
    /// Whether the same call may succeed later.
    fileprivate var mayPass: Bool {
        switch self {
        case .unavailable, .outcomeUnknown: true
        case .notFound, .refused, .broken: false
        }
    }
}
