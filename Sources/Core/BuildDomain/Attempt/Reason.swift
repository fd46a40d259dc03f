/// Why an attempt did not succeed. Set by the system alone; nothing a script prints or exits with can choose it.
public enum Reason: String, Sendable, Hashable, Codable, CaseIterable {
    /// The command ended with another exit code than 0, or by a signal that was not ours.
    case script
    /// The job ran longer than its `timeout_s`.
    case timeout
    /// The kernel killed it for want of memory.
    case oom
    /// A single step ran longer than the job's `step_timeout_s`.
    case stepTimeout = "step_timeout"
    /// No worker took the job within its `queue_timeout_s`.
    case queueTimeout = "queue_timeout"
    /// Somebody canceled it.
    case canceled
    /// The worker's lease ran out.
    case workerLost = "worker_lost"
    /// The source could not be fetched or checked out.
    case checkout
    case imagePull = "image_pull"
    /// The worker could not make sense of the job.
    case config
    case diskFull = "disk_full"
    /// Nothing was printed for longer than allowed.
    case noOutput = "no_output"
    /// The worker would not run it: its policy forbids what the job asks.
    case refused

    /// The system's fault rather than the script's: retried without being asked.
    public var isSystemFault: Bool {
        switch self {
        case .workerLost, .checkout, .imagePull, .diskFull: true
        case .script, .timeout, .stepTimeout, .queueTimeout, .oom, .canceled, .config, .noOutput, .refused: false
        }
    }
}
