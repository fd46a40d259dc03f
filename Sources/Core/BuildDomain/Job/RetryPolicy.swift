/// Decides whether a job whose attempt failed is executed again.
public enum RetryPolicy {
    /// No job is executed more often, whatever was asked.
    public static let hardCap = 10
    /// How often faults of the system are retried without being asked.
    public static let systemRetries = 2

    public enum Decision: Sendable, Hashable {
        case retry
        case giveUp
    }

    /// - Parameter ends: how the job's attempts ended, in order; the last one is what the decision is about.
    public static func decide(maxAttempts: Int, ends: [AttemptEnd]) -> Decision {
        guard let last = ends.last, last.outcome == .failed, ends.count < hardCap else { return .giveUp }
        let systemFaults = ends.count { $0.reason?.isSystemFault ?? false }
        if last.reason?.isSystemFault ?? false {
            return systemFaults <= systemRetries ? .retry : .giveUp
        }
        return ends.count - systemFaults < maxAttempts ? .retry : .giveUp
    }
}
