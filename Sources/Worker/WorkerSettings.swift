import BuildDomain
import Orchestration

/// How a worker works.
public struct WorkerSettings: Sendable {
    /// Kept over restarts: who comes back under it is the same worker.
    public var id: WorkerID
    public var name: String
    public var labels: Set<Label>
    /// The most attempts at once. `MINI_CI_CAPACITY`.
    public var capacity: Int
    public var version: String
    /// What jobs see of the machine's environment: `PATH`, `HOME` and such, chosen by the composition.
    public var hostEnvironment: [String: String]
    public var allowsLocalRepositories: Bool
    /// From SIGTERM to SIGKILL when work is stopped. `MINI_CI_STOP_GRACE_S`.
    public var stopGrace = Duration.seconds(10)
    /// How often leases are renewed; varied by a tenth, so that workers do not march in step. `MINI_CI_RENEW_MS`.
    public var renewInterval = Duration.seconds(5)
    /// How long one question for work is held open.
    public var claimWait = Duration.seconds(30)
    /// How long progress is gathered before it is reported.
    public var reportDelay = Duration.milliseconds(50)
    /// How long a worker goes on trying to deliver what it has while the control plane is away.
    public var outageLimit = Duration.seconds(3600)
    public var logLimits = LogLimits()

    public init(
        id: WorkerID, name: String, labels: Set<Label>, capacity: Int, version: String,
        hostEnvironment: [String: String], allowsLocalRepositories: Bool
    ) {
        self.id = id
        self.name = name
        self.labels = labels
        self.capacity = capacity
        self.version = version
        self.hostEnvironment = hostEnvironment
        self.allowsLocalRepositories = allowsLocalRepositories
    }
}

/// The outside world of a worker, all behind ports.
public struct WorkerPorts: Sendable {
    public var controlPlane: any ControlPlane
    public var runner: any Runner
    public var source: any Source
    public var disk: any WorkerDisk
    public var surroundings: Surroundings

    public init(
        controlPlane: any ControlPlane, runner: any Runner, source: any Source, disk: any WorkerDisk,
        surroundings: Surroundings
    ) {
        self.controlPlane = controlPlane
        self.runner = runner
        self.source = source
        self.disk = disk
        self.surroundings = surroundings
    }
}
