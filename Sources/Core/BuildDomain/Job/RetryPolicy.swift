/// Decides whether a job whose attempt failed is executed again, and when.
public struct RetryPolicy: Sendable, Hashable {
    public static let standard = RetryPolicy()
    /// The same without pauses.
    public static let immediate = RetryPolicy(firstPause: .zero)

    /// No job is executed more often, whatever was asked.
    public var hardCap = 10
    /// How often faults of the system are retried without being asked.
    public var systemRetries = 2
    /// The pause before the first retry after a fault of the system; it doubles with each further one. What broke needs
    /// time to mend; a script that failed does not.
    public var firstPause: Duration
    public var longestPause = Duration.seconds(60)

    public init(firstPause: Duration = .seconds(1)) { self.firstPause = firstPause }

    public enum Decision: Sendable, Hashable {
        /// Not before so long from now.
        case retry(after: Duration)
        case giveUp
    }

    /// - Parameters:
    ///   - rule: which failures of the script count; `nil` for all.
    ///   - ends: how the job's attempts ended, in order; the last one is what the decision is about.
    ///   - random: varies the pause by half, so that jobs that failed together do not come back together.
    public func decide(
        maxAttempts: Int, rule: RetryRule? = nil, ends: [AttemptEnd], random: UInt64
    ) -> Decision {
        guard let last = ends.last, last.outcome == .failed, ends.count < hardCap else { return .giveUp }
        let systemFaults = ends.count { $0.reason?.isSystemFault ?? false }
        if last.reason?.isSystemFault ?? false {
            guard systemFaults <= systemRetries else { return .giveUp }
            return .retry(after: pause(before: systemFaults, random))
        }
        guard ends.count - systemFaults < maxAttempts, rule?.matches(last) ?? true else { return .giveUp }
        return .retry(after: .zero)
    }

    /// - Parameter number: 1 for the first retry.
    private func pause(before number: Int, _ random: UInt64) -> Duration {
        let doubled = firstPause * (1 << min(number - 1, 30))
        return .milliseconds(min(doubled, longestPause).wholeMilliseconds * Int64(500 + random % 1001) / 1000)
    }
}
