import BuildDomain
import Crypto
import Synchronization

/// The seal, so far, of logs that are being written through this process, so that an end need not wait until the whole
/// log was read back and hashed.
///
/// It covers only what the store has acknowledged, from the first byte on and without a gap. Whatever else happens to a
/// log, such as chunks that went through another server or an answer that got lost, makes it forget, and the log is
/// read back then.
public final class RunningSeals: Sendable {
    private final class Running: Sendable {
        let state = Mutex((hash: SHA256(), extent: LogExtent()))
    }

    /// The most logs at once; the one that began first is forgotten for a new one.
    public let maximumLogs: Int
    private let running = Mutex<[AttemptID: Running]>([:])

    public init(maximumLogs: Int = 1024) { self.maximumLogs = maximumLogs }

    /// - Parameter stored: what the store has answered to `chunk`.
    func add(_ chunk: LogChunk, of attempt: AttemptID, stored: LogExtent) {
        guard let log = log(of: attempt, isBeginning: chunk.offset == 0) else { return }
        let isUnbroken = log.state.withLock { state in
            if chunk.offset == state.extent.length, chunk.end == stored {
                state.hash.update(data: chunk.text)
                state.extent = stored
            }
            // A chunk that was sent twice changes nothing.
            return state.extent == stored
        }
        if !isUnbroken { forget(attempt) }
    }

    /// The seal of what was added; `nil` where that is not known from the beginning.
    func seal(of attempt: AttemptID) -> LogSeal? {
        running.withLock { $0[attempt] }?.state.withLock { state in
            let hash = state.hash
            return LogSeal(extent: state.extent, sha256: hexadecimal(hash.finalize()))
        }
    }

    func forget(_ attempt: AttemptID) { running.withLock { $0[attempt] = nil } }

    private func log(of attempt: AttemptID, isBeginning: Bool) -> Running? {
        running.withLock { running in
            if let known = running[attempt] { return known }
            guard isBeginning else { return nil }
            // Ids order by age.
            if running.count >= maximumLogs, let oldest = running.keys.min() { running[oldest] = nil }
            let new = Running()
            running[attempt] = new
            return new
        }
    }
}
