import BuildDomain
import Logging

/// Every setting there is, each described once: the command line, the environment, `mini-ci doctor` and the documents
/// all read it from here.
public enum Catalogue {
    private static let servers: Set<SettingsCommand> = [.up, .server]
    private static let databases: Set<SettingsCommand> = [.server, .migrate, .token, .verify, .backup]

    public static let dataFolder = Setting<String>(
        "dataFolder", "Folder for the database, mirrors, workspaces and tokens", flag: "data",
        environment: "MINI_CI_DATA", commands: Set(SettingsCommand.allCases),
        defaultText: "$XDG_DATA_HOME/mini-ci or ~/.local/share/mini-ci",
        parse: { (text: String) throws(Expectation) in text },
        fallback: { context in
            if let folder = context.environment["XDG_DATA_HOME"], folder.hasPrefix("/") { return folder + "/mini-ci" }
            return context.facts.homeFolder.map { $0 + "/.local/share/mini-ci" } ?? "/var/lib/mini-ci"
        })

    public static let host = Setting<String>(
        "host", "Address to listen on; 0.0.0.0 for every one", flag: "host", environment: "MINI_CI_HOST",
        commands: servers, value: "127.0.0.1", parse: Parse.host)

    public static let port = Setting<Int>(
        "port", "TCP port to listen on; 0 takes a free one", flag: "port", environment: "MINI_CI_PORT",
        commands: servers, value: 8000, parse: Parse.number(0...65_535))

    public static let databaseURL = Setting<String?>(
        "databaseURL", "PostgreSQL database, as postgres://USER:PASSWORD@HOST:PORT/DATABASE", flag: "database-url",
        environment: "MINI_CI_DATABASE_URL", commands: databases, isSecret: true, parse: Parse.databaseURL,
        show: { $0.map(Redaction.withoutPassword) ?? "-" }, fallback: { _ in nil })

    public static let databaseConnections = Setting<Int>(
        "databaseConnections", "Connections to PostgreSQL", flag: "database-connections",
        environment: "MINI_CI_DATABASE_CONNECTIONS", commands: databases, value: 8, parse: Parse.number(1...256))

    public static let isDevelopment = Setting<Bool>(
        "isDevelopment", "Turn on routes that only development needs, such as forcing a build's status",
        flag: "development", environment: "MINI_CI_DEVELOPMENT", commands: servers, value: false, parse: Parse.boolean)

    public static let allowsLocalRepositories = Setting<Bool>(
        "allowsLocalRepositories", "Build folders of the worker's machine too, not only remote addresses",
        flag: "allow-local-repositories", environment: "MINI_CI_ALLOW_LOCAL_REPOSITORIES",
        commands: [.up, .server, .worker], defaultText: "on in up, off in server and worker", parse: Parse.boolean,
        fallback: { $0.command == .up })

    public static let defaultTimeoutSeconds = Setting<Int>(
        "defaultTimeoutSeconds", "How long a job may run where the submit does not say", unit: "seconds",
        flag: "default-timeout", environment: "MINI_CI_DEFAULT_TIMEOUT_S", commands: servers, value: 3600,
        parse: Parse.quantity(1...2_592_000, .seconds))

    public static let maximumTimeoutSeconds = Setting<Int>(
        "maximumTimeoutSeconds", "The longest a submit may let a job run", unit: "seconds", flag: "max-timeout",
        environment: "MINI_CI_MAX_TIMEOUT_S", commands: servers, value: 86_400,
        parse: Parse.quantity(1...2_592_000, .seconds))

    public static let maximumConnections = Setting<Int>(
        "maximumConnections", "The most connections at once; less where the system allows fewer open files",
        flag: "max-connections", environment: "MINI_CI_MAX_CONNECTIONS", commands: servers, value: 10_000,
        parse: Parse.number(10...1_000_000))

    public static let shutdownSeconds = Setting<Int>(
        "shutdownSeconds", "How long requests that were begun may take to end at a shutdown", unit: "seconds",
        flag: "shutdown-limit", environment: "MINI_CI_SHUTDOWN_S", commands: [.up, .server, .worker], value: 10,
        parse: Parse.quantity(1...3600, .seconds))

    public static let logLevel = Setting<Logger.Level>(
        "logLevel", "Least important messages to log: trace, debug, info, notice, warning, error or critical",
        flag: "log-level", environment: "MINI_CI_LOG_LEVEL", commands: [.up, .server, .worker, .migrate, .token],
        value: .info, parse: Parse.logLevel)
}
