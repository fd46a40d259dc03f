import BuildDomain
import DequeModule
import Synchronization

/// The newest lines of logs that are being written, so that many followers of one job cost one read, not one each.
/// It holds only what is stored already, and may forget anything at any time.
public final class RecentLogs: Sendable {
    fileprivate struct Tail {
        var chunks: Deque<LogChunk> = []
        var bytes = 0
    }

    private struct State {
        var tails: [AttemptID: Tail] = [:]
        /// Oldest first; which to forget when there are too many.
        var order: Deque<AttemptID> = []
    }

    /// Bytes of text kept of one log.
    public let bytesPerLog: Int
    /// The most logs kept.
    public let maximumLogs: Int
    private let state = Mutex(State())

    public init(bytesPerLog: Int = 512 * 1024, maximumLogs: Int = 64) {
        self.bytesPerLog = bytesPerLog
        self.maximumLogs = maximumLogs
    }

    func add(_ chunk: LogChunk, of attempt: AttemptID) {
        guard chunk.text.count <= bytesPerLog else { return forget(attempt) }
        state.withLock { state in
            if state.tails[attempt] == nil {
                state.order.append(attempt)
                if state.order.count > maximumLogs, let oldest = state.order.popFirst() { state.tails[oldest] = nil }
            }
            state.tails[attempt, default: Tail()].add(chunk, limit: bytesPerLog)
        }
    }

    /// The lines from `first` on, in order and without gaps; `nil` where it does not know line `first`.
    func chunks(of attempt: AttemptID, from first: Int64) -> [LogChunk]? {
        state.withLock { state in
            guard let tail = state.tails[attempt], let oldest = tail.chunks.first, oldest.firstLine <= first else {
                return nil
            }
            let found = tail.chunks.reversed().prefix { $0.end.lines >= first }
            return found.isEmpty ? nil : found.reversed()
        }
    }

    /// Called when the attempt has ended.
    func forget(_ attempt: AttemptID) {
        state.withLock { state in
            guard state.tails.removeValue(forKey: attempt) != nil else { return }
            state.order.removeAll { $0 == attempt }
        }
    }
}

extension RecentLogs.Tail {
    fileprivate mutating func add(_ chunk: LogChunk, limit: Int) {
        if let last = chunks.last, last.end.lines + 1 != chunk.firstLine {
            if chunk.firstLine <= last.end.lines { return }
            self = RecentLogs.Tail()
        }
        chunks.append(chunk)
        bytes += chunk.text.count
        while bytes > limit, let oldest = chunks.popFirst() { bytes -= oldest.text.count }
    }
}
