import ArgumentParser
import MiniCI

/// What a worker is and offers.
struct WorkerOptions: SettingOptions {
    @Option(name: [Catalogue.labels.info.longName, .customShort("l")], help: Catalogue.labels.info.argumentHelp)
    var label: [String] = []
    @Option(name: Catalogue.capacity.info.flagName, help: Catalogue.capacity.info.argumentHelp)
    var capacity: String?
    @Option(name: Catalogue.workerName.info.flagName, help: Catalogue.workerName.info.argumentHelp)
    var name: String?

    func note(in flags: inout SettingFlags) {
        flags.set(Catalogue.labels, to: label)
        flags.set(Catalogue.capacity, to: capacity)
        flags.set(Catalogue.workerName, to: name)
    }
}

/// Where a worker of a fleet tells of itself.
struct WorkerListenOptions: SettingOptions {
    @Option(name: Catalogue.workerHost.info.flagName, help: Catalogue.workerHost.info.argumentHelp)
    var host: String?
    @Option(name: Catalogue.workerPort.info.flagName, help: Catalogue.workerPort.info.argumentHelp)
    var port: String?

    func note(in flags: inout SettingFlags) {
        flags.set(Catalogue.workerHost, to: host)
        flags.set(Catalogue.workerPort, to: port)
    }
}

/// Limits and intervals of a worker.
struct WorkOptions: SettingOptions {
    @Option(name: Catalogue.renewMilliseconds.info.flagName, help: Catalogue.renewMilliseconds.info.argumentHelp)
    var renew: String?
    @Option(name: Catalogue.stopGraceSeconds.info.flagName, help: Catalogue.stopGraceSeconds.info.argumentHelp)
    var stopGrace: String?
    @Option(name: Catalogue.logLimitBytes.info.flagName, help: Catalogue.logLimitBytes.info.argumentHelp)
    var logLimit: String?
    @Option(name: Catalogue.lineLimitBytes.info.flagName, help: Catalogue.lineLimitBytes.info.argumentHelp)
    var lineLimit: String?

    func note(in flags: inout SettingFlags) {
        flags.set(Catalogue.renewMilliseconds, to: renew)
        flags.set(Catalogue.stopGraceSeconds, to: stopGrace)
        flags.set(Catalogue.logLimitBytes, to: logLimit)
        flags.set(Catalogue.lineLimitBytes, to: lineLimit)
    }
}
