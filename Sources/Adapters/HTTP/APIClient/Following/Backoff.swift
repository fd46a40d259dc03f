/// How long to wait before the next try: longer each time, and by chance different for each of many clients, so that
/// they do not all come back in the same moment.
struct Backoff: Sendable {
    static let maximum = Duration.seconds(10)

    /// The wait before the first repetition.
    var base = Duration.milliseconds(500)
    private var failures = 0

    /// - Parameter chance: from 0 to 1.
    mutating func next(chance: Double) -> Duration {
        let longest = min(base * (1 << min(failures, 10)), Self.maximum)
        failures += 1
        return longest * (0.5 + 0.5 * chance)
    }

    mutating func reset() { failures = 0 }
}
