import BuildDomain
import Crypto

/// Ends an attempt for good: only when all of its log is stored and equal to the worker's seal.
public struct FinishAttempt: Sendable {
    /// Bytes of log read at a time to check the seal.
    static let readBytes = 4 * 1024 * 1024

    private let store: any Store
    private let recent: RecentLogs
    private let seals: RunningSeals
    private let retry: RetryPolicy
    private let entropy: any Entropy
    private let typical: TypicalDuration
    private let metrics: Metrics

    public init(
        store: any Store, recent: RecentLogs, seals: RunningSeals, retry: RetryPolicy, entropy: any Entropy,
        typical: TypicalDuration, metrics: Metrics
    ) {
        self.typical = typical
        self.retry = retry
        self.entropy = entropy
        self.store = store
        self.recent = recent
        self.seals = seals
        self.metrics = metrics
    }

    /// Repeating it with the same end changes nothing.
    /// - Throws: ``StoreError/refused(_:)`` with `staleAttempt` or `logNotSealed`.
    public func callAsFunction(
        _ reference: AttemptReference, progress: AttemptProgress, end: AttemptEnd
    ) async throws(StoreError) {
        // Chunks never change once stored, so their hash can be taken outside the transaction; inside it only the
        // extent is compared again.
        let stored = try await checkSeal(end.seal, of: reference.attempt)
        let (retry, random) = (retry, entropy.random())
        let took = try await store.change(ChangeTarget(build: reference.build, attempt: reference.attempt)) {
            (build, context) throws(Refusal) -> Duration? in
            guard stored else { throw .logNotSealed(stored: context.log) }
            try build.finish(
                attempt: reference.attempt, progress: progress, end: end, stored: context.log, retry: retry,
                random: random, at: context.now)
            let attempts = build.jobs.first { $0.id == reference.job }?.attempts
            return attempts?.first { $0.id == reference.attempt }.map { context.now - $0.startedAt }
        }
        if let took { typical.add(took) }
        recent.forget(reference.attempt)
        seals.forget(reference.attempt)
        metrics.add(
            1, to: .attemptsEnded,
            labels: ["outcome": end.outcome.rawValue, "reason": end.reason?.rawValue ?? "none"])
    }

    private func checkSeal(_ seal: LogSeal?, of attempt: AttemptID) async throws(StoreError) -> Bool {
        guard let seal else { return false }
        if seal.extent == LogExtent() { return seal == .empty }
        if seals.seal(of: attempt) == seal { return true }
        var hash = SHA256()
        var at = LogExtent()
        while at.length < seal.extent.length {
            let chunks = try await store.log(of: attempt, from: at.lines + 1, byteLimit: Self.readBytes)
            guard let last = chunks.last else { return false }
            for chunk in chunks { hash.update(data: chunk.text) }
            at = last.end
        }
        return at == seal.extent && hexadecimal(hash.finalize()) == seal.sha256
    }
}
