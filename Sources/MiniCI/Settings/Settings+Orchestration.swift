import Orchestration

extension SubmitLimits {
    /// What submits may ask for, as set.
    public init(_ settings: Settings) {
        self.init()
        defaultTimeoutSeconds = settings.defaultTimeoutSeconds
        maximumTimeoutSeconds = settings.maximumTimeoutSeconds
        defaultQueueTimeoutSeconds = settings.queueTimeoutSeconds
        allowsLocalRepositories = settings.allowsLocalRepositories
    }
}

extension LeaseSettings {
    /// How workers are dealt with, as set.
    public init(_ settings: Settings) {
        self.init()
        lease = .milliseconds(settings.leaseMilliseconds)
        longPoll = .milliseconds(settings.longPollMilliseconds)
        safetyPoll = .milliseconds(settings.claimPollMilliseconds)
        sweep = .milliseconds(settings.sweepMilliseconds)
        forcedCancel = .seconds(settings.forcedCancelSeconds)
    }
}
