import Synchronization

/// How long attempts took lately, as a moving average: what an estimate for those who wait is made of.
public final class TypicalDuration: Sendable {
    private let average = Mutex<Duration?>(nil)

    public init() {}

    /// `nil` until a first attempt has ended through this process.
    public var value: Duration? { average.withLock { $0 } }

    /// The newest counts for a fifth.
    func add(_ duration: Duration) {
        guard duration >= .zero else { return }
        average.withLock { average in average = average.map { $0 * 4 / 5 + duration / 5 } ?? duration }
    }
}
