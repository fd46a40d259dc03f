/// What a run does; the seed and this decide everything that is not up to the machine.
package struct ChaosSettings: Sendable, Hashable {
    package enum Shape: String, Sendable, Hashable {
        /// Two servers and four workers on PostgreSQL.
        case fleet
        /// One `mini-ci up` on SQLite.
        case single
    }

    package var shape: Shape
    package var seed: UInt64
    /// How long faults are injected and builds submitted.
    package var seconds: Int
    package var builds: Int
    /// From one fault to the next, on average.
    package var paceMilliseconds: Int
    package var intervals: Intervals
    package var workload = BuildPlan.Workload.mixed
    /// What is injected instead of what the seed says.
    package var faults: [Fault]?
    /// The longest it may take from the SIGKILL of a worker until its jobs are executed again.
    package var recoverySeconds: Double?
    /// How long builds and followers may take to end once nothing is broken any more.
    package var boundSeconds: Int
    /// The file of the history.
    package var history: String

    package init(
        shape: Shape, seed: UInt64, seconds: Int, builds: Int, paceMilliseconds: Int, intervals: Intervals = .short,
        boundSeconds: Int = 120, history: String
    ) {
        self.shape = shape
        self.seed = seed
        self.seconds = seconds
        self.builds = builds
        self.paceMilliseconds = paceMilliseconds
        self.intervals = intervals
        self.boundSeconds = boundSeconds
        self.history = history
    }
}
