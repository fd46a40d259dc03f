import APIClient
import BuildDomain
import Logging

/// Every setting with its value, for one command. Settings that the command does not use have their defaults.
///
/// What each one means is said once, in ``Catalogue``.
public struct Settings: Sendable {
    public let command: SettingsCommand
    /// The whole environment it was made from.
    public let environment: [String: String]
    let facts: HostFacts
    /// Absolute, without a slash at the end.
    public var dataFolder: String
    public var host: String
    public var port: Int
    public var databaseURL: String?
    public var databaseConnections: Int
    public var isDevelopment: Bool
    public var allowsLocalRepositories: Bool
    public var defaultTimeoutSeconds: Int
    public var maximumTimeoutSeconds: Int
    public var queueTimeoutSeconds: Int
    public var forcedCancelSeconds: Int
    public var leaseMilliseconds: Int
    public var sweepMilliseconds: Int
    public var renewMilliseconds: Int
    public var longPollMilliseconds: Int
    public var claimPollMilliseconds: Int
    public var serverURL: ServerAddress
    /// As a flag or the environment said it; ``findToken()`` also looks into files.
    public var token: String?
    public var tokenFile: String?
    public var labels: Set<Label>
    public var capacity: Int
    public var workerName: String
    public var workerHost: String
    public var workerPort: Int
    public var stopGraceSeconds: Int
    public var logLimitBytes: Int
    public var lineLimitBytes: Int
    public var maximumConnections: Int
    public var shutdownSeconds: Int
    public var logLevel: Logger.Level
    /// Each setting with where it came from, for people; secrets are replaced.
    public let resolved: [ResolvedSetting]

    /// Flag, then environment, then default. An environment variable that is empty counts as not set.
    /// - Throws: ``SettingsError`` with everything that is wrong.
    public init(
        for command: SettingsCommand, flags: SettingFlags = SettingFlags(), environment: [String: String],
        facts: HostFacts = .current
    ) throws(SettingsError) {
        let (settings, problems) = Self.examine(for: command, flags: flags, environment: environment, facts: facts)
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
        self = settings
    }

    /// Like ``init(for:flags:environment:facts:)``, with the default in place of what is wrong.
    public static func examine(
        for command: SettingsCommand, flags: SettingFlags = SettingFlags(), environment: [String: String],
        facts: HostFacts = .current
    ) -> (settings: Settings, problems: [String]) {
        let context = SettingContext(command: command, environment: environment, facts: facts)
        var values = Resolver(context: context, flags: flags)
        let settings = Settings(&values)
        return (settings, values.problems + settings.contradictions)
    }

    private init(_ values: inout Resolver) {
        let context = values.context
        command = context.command
        environment = context.environment
        facts = context.facts
        dataFolder = absolute(values.value(Catalogue.dataFolder), in: context.facts)
        let folder = dataFolder
        host = values.value(Catalogue.host)
        port = values.value(Catalogue.port)
        databaseURL = values.value(Catalogue.databaseURL)
        databaseConnections = values.value(Catalogue.databaseConnections)
        isDevelopment = values.value(Catalogue.isDevelopment)
        allowsLocalRepositories = values.value(Catalogue.allowsLocalRepositories)
        defaultTimeoutSeconds = values.value(Catalogue.defaultTimeoutSeconds)
        maximumTimeoutSeconds = values.value(Catalogue.maximumTimeoutSeconds)
        queueTimeoutSeconds = values.value(Catalogue.queueTimeoutSeconds)
        forcedCancelSeconds = values.value(Catalogue.forcedCancelSeconds)
        leaseMilliseconds = values.value(Catalogue.leaseMilliseconds)
        sweepMilliseconds = values.value(Catalogue.sweepMilliseconds)
        renewMilliseconds = values.value(Catalogue.renewMilliseconds)
        longPollMilliseconds = values.value(Catalogue.longPollMilliseconds)
        claimPollMilliseconds = values.value(Catalogue.claimPollMilliseconds)
        serverURL = values.value(Catalogue.serverURL) { context in
            DataFiles.server(in: folder, context.facts) ?? (Catalogue.serverURL.fallback(context), .standard)
        }
        tokenFile = values.value(Catalogue.tokenFile).map { absolute($0, in: context.facts) }
        token = values.value(Catalogue.token)
        labels = values.value(Catalogue.labels)
        capacity = values.value(Catalogue.capacity)
        workerName = values.value(Catalogue.workerName)
        workerHost = values.value(Catalogue.workerHost)
        workerPort = values.value(Catalogue.workerPort)
        stopGraceSeconds = values.value(Catalogue.stopGraceSeconds)
        logLimitBytes = values.value(Catalogue.logLimitBytes)
        lineLimitBytes = values.value(Catalogue.lineLimitBytes)
        maximumConnections = values.value(Catalogue.maximumConnections)
        shutdownSeconds = values.value(Catalogue.shutdownSeconds)
        logLevel = values.value(Catalogue.logLevel)
        resolved = values.resolved
    }
}

private func absolute(_ path: String, in facts: HostFacts) -> String {
    var path = path
    if path == "~" || path.hasPrefix("~/"), let home = facts.homeFolder { path = home + path.dropFirst() }
    if !path.hasPrefix("/") { path = facts.workingFolder + "/" + path }
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
}
