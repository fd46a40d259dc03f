import BuildDomain

/// Ends attempts whose lease ran out and offers their jobs again.
///
/// After its own start, after the store was away, and after this machine slept or its clock was put forward, it first
/// waits a whole lease: the workers could not renew meanwhile, and a restart must not cost running work.
public struct RecoverLostAttempts: Sendable {
    /// The most attempts looked at in one sweep.
    public static let batch = 500

    private let store: any Store
    private let timekeeper: any Timekeeper
    private let settings: LeaseSettings
    private let loseAttempt: LoseAttempt

    init(store: any Store, timekeeper: any Timekeeper, settings: LeaseSettings, loseAttempt: LoseAttempt) {
        self.store = store
        self.timekeeper = timekeeper
        self.settings = settings
        self.loseAttempt = loseAttempt
    }

    /// Sweeps until the task is cancelled.
    /// - Parameter report: told what it did and what stood in its way.
    public func run(report: @Sendable (SweepReport) -> Void) async {
        var patience = timekeeper.now + settings.lease
        while !Task.isCancelled {
            let before = timekeeper.now
            do { try await timekeeper.sleep(for: settings.sweep) } catch { return }
            if timekeeper.now - before > settings.sweep + settings.lease / 2 {
                patience = timekeeper.now + settings.lease
            }
            guard timekeeper.now >= patience else {
                if await !canReachStore() { patience = timekeeper.now + settings.lease }
                continue
            }
            do {
                let lost = try await sweep()
                if !lost.isEmpty { report(.lost(lost)) }
                let ended = try await endOverdue()
                if !ended.isEmpty { report(.ended(ended)) }
            } catch {
                report(.failed(error))
                patience = timekeeper.now + settings.lease
            }
        }
    }

    private func canReachStore() async -> Bool {
        do {
            try await store.check()
            return true
        } catch { return false }
    }

    /// Ends what nobody has ended in time: jobs in the queue, and cancels that no worker has confirmed.
    /// - Returns: the builds that were concerned.
    public func endOverdue() async throws(StoreError) -> [BuildID] {
        let patience = settings.forcedCancel
        let canceling = try await store.overdue(.cancel(after: patience), limit: Self.batch)
        let waiting = try await store.overdue(.queue, limit: Self.batch)
        try await eachOf(canceling) { (build, now) throws(Refusal) in
            try build.forceCancel(patience: patience, at: now)
        }
        try await eachOf(waiting) { (build, now) throws(Refusal) in try build.expireQueue(at: now) }
        return canceling + waiting
    }

    /// One that cannot be ended must not keep the others from it.
    private func eachOf(
        _ builds: [BuildID], _ end: @escaping @Sendable (inout Build, Timestamp) throws(Refusal) -> Void
    ) async throws(StoreError) {
        var failure: StoreError?
        for id in builds {
            do throws(StoreError) {
                try await store.change(ChangeTarget(build: id)) { (build, context) throws(Refusal) in
                    try end(&build, context.now)
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// One sweep.
    /// - Returns: the attempts that were declared lost.
    public func sweep() async throws(StoreError) -> [AttemptReference] {
        let expired = try await store.expiredAttempts(limit: Self.batch)
        let seconds = settings.lease.components.seconds
        var lost: [AttemptReference] = []
        var failure: StoreError?
        for attempt in expired {
            // One that cannot be ended must not keep the others from being offered again.
            do throws(StoreError) {
                let error = "the worker was not heard of for \(seconds) s"
                if try await loseAttempt(attempt, why: .leaseExpired, error: error) { lost.append(attempt) }
            } catch { failure = error }
        }
        if let failure, lost.isEmpty { throw failure }
        return lost
    }
}

public enum SweepReport: Sendable {
    case lost([AttemptReference])
    /// Builds that waited too long for a worker, or for a worker's word that it has stopped.
    case ended([BuildID])
    case failed(StoreError)
}
