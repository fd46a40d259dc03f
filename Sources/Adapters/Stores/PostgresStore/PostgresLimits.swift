/// What bounds a PostgreSQL store.
enum PostgresLimits {
    /// How long a call waits for a connection, also while the server is away.
    static let connectionWait = Duration.seconds(10)

    /// Groups of builds that are changed side by side. A build always belongs to the same one, so that no two of them
    /// wait for one another's rows.
    static let buildLanes = 2
    /// The same for appending to logs.
    static let logLanes = 2

    /// The most changes that share a transaction.
    static let builds = LaneLimits(waiting: 4096, waitingWeight: .max, batch: 256, batchWeight: .max)
    /// The weight of an append are its bytes.
    static let appends = LaneLimits(
        waiting: 4096, waitingWeight: 64 * 1024 * 1024, batch: 256, batchWeight: 8 * 1024 * 1024)
    /// The weight of a claim are the jobs it asks for.
    static let claims = LaneLimits(waiting: 4096, waitingWeight: .max, batch: 64, batchWeight: 500)

    /// How often a claim looks again when all it saw was being changed by others, and how long it waits in between.
    static let claimLooks = 20
    static let claimPause = Duration.milliseconds(5)

    /// Chunks of a log whose sizes are looked at to see how many fit an answer.
    static let logPage = 256

    /// Bytes of a notification; the server takes less than 8000.
    static let notificationBytes = 7_500
}
