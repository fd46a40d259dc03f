import Synchronization

/// Counts open log streams and lets in only so many.
final class StreamGate: Sendable {
    /// A place that is given back when nobody holds the permit any more, however the stream ended or whether it began.
    final class Permit: Sendable {
        private let gate: StreamGate
        fileprivate init(_ gate: StreamGate) { self.gate = gate }
        deinit { gate.count.withLock { $0 -= 1 } }
    }

    let limit: Int
    private let count = Mutex(0)

    init(limit: Int) { self.limit = limit }

    var open: Int { count.withLock { $0 } }

    /// - Returns: `nil` where the limit is reached.
    func enter() -> Permit? {
        let isFree = count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        return isFree ? Permit(self) : nil
    }
}
