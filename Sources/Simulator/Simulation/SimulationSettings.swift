/// What is simulated.
public struct SimulationSettings: Sendable {
    /// Decides everything that is left to chance.
    public var seed: UInt64
    public var builds: Int
    public var workers: Int
    public var servers: Int
    /// The kinds of faults that may happen; which of them do, and how often, the seed decides.
    public var faults: Set<FaultKind>
    /// A mistake put in on purpose, to see that it is found.
    public var bug: PlantedBug?

    public init(
        seed: UInt64, builds: Int = 20, workers: Int = 3, servers: Int = 2,
        faults: Set<FaultKind> = Set(FaultKind.allCases), bug: PlantedBug? = nil
    ) {
        self.seed = seed
        self.builds = builds
        self.workers = workers
        self.servers = servers
        self.faults = faults
        self.bug = bug
    }
}

/// What can go wrong.
public enum FaultKind: String, Sendable, CaseIterable {
    /// A server or worker process dies between two awaits and is started again later.
    case crash
    /// A process stands still for longer than a lease, and goes on.
    case pause
    /// Requests are lost, delivered twice, delayed and reordered; answers are lost after the effect.
    case network
    /// The store is away, fails before it has written, or after.
    case store
    /// Workers' and servers' clocks are up to an hour wrong.
    case clock
    /// A worker's disk is full.
    case disk
}

/// A known mistake of systems like this one.
public enum PlantedBug: String, Sendable, CaseIterable {
    /// Writes name the job and not the attempt, so one that was given up can still write.
    case noFencing = "no-fencing"
    /// Lines are acknowledged before they are stored, and an attempt ends whatever its log holds.
    case noSealCheck = "no-seal-check"
    /// Lost work is offered again for ever.
    case noRetryCap = "no-retry-cap"
    /// Leases end by the clock of whoever asks.
    case leaseByWorkerClock = "lease-by-worker-clock"
    /// An end that is sent again, because the answer was lost, is refused.
    case finishNotRepeatable = "finish-not-repeatable"
}

/// How a simulation went.
public struct SimulationReport: Sendable {
    public var seed: UInt64
    /// Equal for equal runs.
    public var traceHash: UInt64
    /// What was wrong, in the order it was noticed; empty where nothing was.
    public var violations: [String]
    /// Pieces of tasks and alarms that were run.
    public var steps: Int
    /// Seconds by the simulated clock.
    public var simulatedSeconds: Double
    public var builds: Int
    public var attempts: Int
    /// How often each kind of fault happened.
    public var faults: [FaultKind: Int]
}
