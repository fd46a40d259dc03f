/// Keeps a stream from being written to for each single line: after a short burst, lines are left to gather.
///
/// A token bucket; the burst makes the first lines of a job appear at once.
struct Pacer {
    private static let burst = 20.0
    private let rate: Double
    private var tokens = burst
    private var last: ContinuousClock.Instant

    init(perSecond rate: Int, now: ContinuousClock.Instant) {
        self.rate = Double(max(1, rate))
        last = now
    }

    /// Call after each write.
    /// - Returns: how long to wait before the next one; `nil` for not at all.
    mutating func pause(now: ContinuousClock.Instant) -> Duration? {
        let passed = last.duration(to: now)
        tokens = min(Self.burst, tokens + rate * (passed / .seconds(1)))
        last = now
        tokens -= 1
        return tokens >= 0 ? nil : .seconds(-tokens / rate)
    }
}
