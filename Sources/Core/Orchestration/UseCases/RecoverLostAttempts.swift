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
                try await loseAttempt(
                    attempt, error: "the worker was not heard of for \(seconds) s")
                lost.append(attempt)
            } catch { failure = error }
        }
        if let failure, lost.isEmpty { throw failure }
        return lost
    }
}

public enum SweepReport: Sendable {
    case lost([AttemptReference])
    case failed(StoreError)
}
