extension Catalogue {
    public static let leaseMilliseconds = Setting<Int>(
        "leaseMilliseconds", "How long a job stays with a worker that is not heard of", unit: "milliseconds",
        flag: "lease", environment: "MINI_CI_LEASE_MS", commands: [.up, .server], value: 20_000,
        parse: Parse.quantity(100...3_600_000, .milliseconds))

    public static let sweepMilliseconds = Setting<Int>(
        "sweepMilliseconds", "How often leases are looked through for lost workers", unit: "milliseconds",
        flag: "sweep",
        environment: "MINI_CI_SWEEP_MS", commands: [.up, .server], value: 2000,
        parse: Parse.quantity(10...600_000, .milliseconds))

    public static let forcedCancelSeconds = Setting<Int>(
        "forcedCancelSeconds", "How long after a cancel a build is canceled without its worker's word",
        unit: "seconds", flag: "forced-cancel", environment: "MINI_CI_FORCED_CANCEL_S", commands: [.up, .server],
        value: 40, parse: Parse.quantity(1...86_400, .seconds))

    public static let queueTimeoutSeconds = Setting<Int>(
        "queueTimeoutSeconds", "How long a job may wait for a worker where the submit does not say", unit: "seconds",
        flag: "queue-timeout", environment: "MINI_CI_QUEUE_TIMEOUT_S", commands: [.up, .server], value: 86_400,
        parse: Parse.quantity(1...2_592_000, .seconds))

    public static let renewMilliseconds = Setting<Int>(
        "renewMilliseconds", "How often a worker renews its leases", unit: "milliseconds", flag: "renew",
        environment: "MINI_CI_RENEW_MS", commands: [.up, .worker], value: 5000,
        parse: Parse.quantity(10...600_000, .milliseconds))

    public static let longPollMilliseconds = Setting<Int>(
        "longPollMilliseconds", "The longest a worker's question for work is held open", unit: "milliseconds",
        flag: "long-poll", environment: "MINI_CI_LONG_POLL_MS", commands: [.up, .server, .worker], value: 30_000,
        // Shorter than this, workers would do nothing but ask.
        parse: Parse.quantity(100...600_000, .milliseconds))

    public static let claimPollMilliseconds = Setting<Int>(
        "claimPollMilliseconds", "How often a waiting question for work looks by itself, in case a signal got lost",
        unit: "milliseconds", flag: "claim-poll", environment: "MINI_CI_CLAIM_POLL_MS", commands: [.up, .server],
        value: 5000, parse: Parse.quantity(10...600_000, .milliseconds))
}
