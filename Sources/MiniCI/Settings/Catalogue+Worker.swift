import BuildDomain

extension Catalogue {
    private static let workers: Set<SettingsCommand> = [.up, .worker]

    public static let labels = Setting<Set<Label>>(
        "labels", "What this worker offers, such as linux or arch=arm64; several with commas", flag: "label",
        environment: "MINI_CI_LABELS", commands: workers, parse: Parse.labels,
        show: { $0.isEmpty ? "-" : $0.sorted().map(\.description).joined(separator: ",") }, fallback: { _ in [] })

    public static let capacity = Setting<Int>(
        "capacity", "The most jobs at once", flag: "capacity", environment: "MINI_CI_CAPACITY", commands: workers,
        defaultText: "the number of cores", parse: Parse.number(1...1000), fallback: { $0.facts.cores })

    public static let workerName = Setting<String>(
        "workerName", "What the worker is called in lists; best a name that no other one has", flag: "name",
        environment: "MINI_CI_WORKER_NAME", commands: workers, defaultText: "the host name", parse: Parse.name,
        fallback: { $0.facts.hostName })

    public static let workerHost = Setting<String>(
        "workerHost", "Address for the worker's own /healthz and /metrics", flag: "host",
        environment: "MINI_CI_WORKER_HOST", commands: [.worker], value: "127.0.0.1", parse: Parse.host)

    public static let workerPort = Setting<Int>(
        "workerPort", "TCP port for the worker's own /healthz and /metrics; 0 takes a free one", flag: "port",
        environment: "MINI_CI_WORKER_PORT", commands: [.worker], value: 8001, parse: Parse.number(0...65_535))

    public static let stopGraceSeconds = Setting<Int>(
        "stopGraceSeconds", "How long a stopped command has between SIGTERM and SIGKILL", unit: "seconds",
        flag: "stop-grace", environment: "MINI_CI_STOP_GRACE_S", commands: workers, value: 10,
        parse: Parse.quantity(0...3600, .seconds))

    public static let logLimitBytes = Setting<Int>(
        "logLimitBytes", "The longest log of an attempt; of a longer one beginning and end are kept", unit: "bytes",
        flag: "log-limit", environment: "MINI_CI_LOG_LIMIT_BYTES", commands: workers, value: 64 * 1024 * 1024,
        parse: Parse.quantity(4096...64 * 1024 * 1024 * 1024, .bytes))

    public static let lineLimitBytes = Setting<Int>(
        "lineLimitBytes", "The longest line of a log; a longer one is split", unit: "bytes", flag: "line-limit",
        environment: "MINI_CI_LINE_LIMIT_BYTES", commands: workers, value: 1024 * 1024,
        parse: Parse.quantity(80...1024 * 1024, .bytes))
}
