import ArgumentParser
import Foundation
import MiniCI

/// A group of flags that are settings.
protocol SettingOptions: ParsableArguments {
    func note(in flags: inout SettingFlags)
}

extension SettingInfo {
    var argumentHelp: ArgumentHelp { ArgumentHelp(stringLiteral: help) }
    var longName: NameSpecification.Element { .customLong(flag) }
    var flagName: NameSpecification { [longName] }
}

extension Settings {
    /// From what was said on the command line, and the environment of the process.
    static func of(_ command: SettingsCommand, _ groups: any SettingOptions...) throws -> Settings {
        var flags = SettingFlags()
        for group in groups { group.note(in: &flags) }
        return try Settings(for: command, flags: flags, environment: ProcessInfo.processInfo.environment)
    }
}

struct DataOptions: SettingOptions {
    @Option(name: Catalogue.dataFolder.info.flagName, help: Catalogue.dataFolder.info.argumentHelp)
    var data: String?

    func note(in flags: inout SettingFlags) { flags.set(Catalogue.dataFolder, to: data) }
}

struct LogOptions: SettingOptions {
    @Option(name: Catalogue.logLevel.info.flagName, help: Catalogue.logLevel.info.argumentHelp)
    var level: String?

    func note(in flags: inout SettingFlags) { flags.set(Catalogue.logLevel, to: level) }
}

struct ShutdownOptions: SettingOptions {
    @Option(name: Catalogue.shutdownSeconds.info.flagName, help: Catalogue.shutdownSeconds.info.argumentHelp)
    var shutdownLimit: String?

    func note(in flags: inout SettingFlags) { flags.set(Catalogue.shutdownSeconds, to: shutdownLimit) }
}

struct ListenOptions: SettingOptions {
    @Option(name: Catalogue.host.info.flagName, help: Catalogue.host.info.argumentHelp)
    var host: String?
    @Option(name: Catalogue.port.info.flagName, help: Catalogue.port.info.argumentHelp)
    var port: String?
    @Flag(name: Catalogue.isDevelopment.info.flagName, help: Catalogue.isDevelopment.info.argumentHelp)
    var development = false

    func note(in flags: inout SettingFlags) {
        flags.set(Catalogue.host, to: host)
        flags.set(Catalogue.port, to: port)
        flags.set(Catalogue.isDevelopment, to: development ? true : nil)
    }
}

struct RepositoryOptions: SettingOptions {
    @Flag(
        name: Catalogue.allowsLocalRepositories.info.flagName, inversion: .prefixedNo,
        help: Catalogue.allowsLocalRepositories.info.argumentHelp)
    var allowLocal: Bool?

    func note(in flags: inout SettingFlags) { flags.set(Catalogue.allowsLocalRepositories, to: allowLocal) }
}

struct DatabaseOptions: SettingOptions {
    @Option(name: Catalogue.databaseURL.info.flagName, help: Catalogue.databaseURL.info.argumentHelp)
    var url: String?
    @Option(name: Catalogue.databaseConnections.info.flagName, help: Catalogue.databaseConnections.info.argumentHelp)
    var connections: String?

    func note(in flags: inout SettingFlags) {
        flags.set(Catalogue.databaseURL, to: url)
        flags.set(Catalogue.databaseConnections, to: connections)
    }

    /// Says so when a password stands where everybody on this machine can read it.
    func warnOfVisiblePassword() {
        guard let url, Redaction.withoutPassword(url) != url else { return }
        Output.note(
            "other users of this machine can see the password of --database-url in the list of processes; prefer "
                + Catalogue.databaseURL.info.environment)
    }
}
