import ArgumentParser
import MiniCI

/// Limits and intervals of the control plane.
struct ControlOptions: SettingOptions {
    @Option(
        name: Catalogue.defaultTimeoutSeconds.info.flagName, help: Catalogue.defaultTimeoutSeconds.info.argumentHelp)
    var defaultTimeout: String?
    @Option(
        name: Catalogue.maximumTimeoutSeconds.info.flagName, help: Catalogue.maximumTimeoutSeconds.info.argumentHelp)
    var maximumTimeout: String?
    @Option(name: Catalogue.queueTimeoutSeconds.info.flagName, help: Catalogue.queueTimeoutSeconds.info.argumentHelp)
    var queueTimeout: String?
    @Option(name: Catalogue.forcedCancelSeconds.info.flagName, help: Catalogue.forcedCancelSeconds.info.argumentHelp)
    var forcedCancel: String?
    @Option(name: Catalogue.leaseMilliseconds.info.flagName, help: Catalogue.leaseMilliseconds.info.argumentHelp)
    var lease: String?
    @Option(name: Catalogue.sweepMilliseconds.info.flagName, help: Catalogue.sweepMilliseconds.info.argumentHelp)
    var sweep: String?
    @Option(
        name: Catalogue.claimPollMilliseconds.info.flagName, help: Catalogue.claimPollMilliseconds.info.argumentHelp)
    var claimPoll: String?

    @Option(name: Catalogue.maximumConnections.info.flagName, help: Catalogue.maximumConnections.info.argumentHelp)
    var maximumConnections: String?

    func note(in flags: inout SettingFlags) {
        flags.set(Catalogue.maximumConnections, to: maximumConnections)
        flags.set(Catalogue.defaultTimeoutSeconds, to: defaultTimeout)
        flags.set(Catalogue.maximumTimeoutSeconds, to: maximumTimeout)
        flags.set(Catalogue.queueTimeoutSeconds, to: queueTimeout)
        flags.set(Catalogue.forcedCancelSeconds, to: forcedCancel)
        flags.set(Catalogue.leaseMilliseconds, to: lease)
        flags.set(Catalogue.sweepMilliseconds, to: sweep)
        flags.set(Catalogue.claimPollMilliseconds, to: claimPoll)
    }
}

/// What both ends of a long poll go by.
struct PollOptions: SettingOptions {
    @Option(name: Catalogue.longPollMilliseconds.info.flagName, help: Catalogue.longPollMilliseconds.info.argumentHelp)
    var longPoll: String?

    func note(in flags: inout SettingFlags) { flags.set(Catalogue.longPollMilliseconds, to: longPoll) }
}
