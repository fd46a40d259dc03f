import BuildDomain
import Orchestration

/// Sends a log to the control plane while it grows: what has gathered while one chunk was under way is the next chunk,
/// so a quiet log is sent line by line and a loud one by the megabyte.
struct LogShipper: Sendable {
    let pipe: LogPipe
    let attempt: AttemptReference
    let controlPlane: any ControlPlane
    let persist: Persistence
    /// Whether the control plane was heard to have given the attempt up: nothing is sent any more then.
    let isGivenUp: @Sendable () -> Bool

    /// Returns when the log is sealed and all of it is stored.
    /// - Throws: ``ControlPlaneError/stale``, or whatever else made going on senseless.
    func run() async throws(ControlPlaneError) {
        while !pipe.isShipped {
            guard !Task.isCancelled else { throw .unavailable("canceled") }
            guard !isGivenUp() else { throw .stale }
            let chunk: LogChunk?
            do { chunk = try pipe.nextChunk() } catch {
                throw .rejected("the spooled log cannot be read back: \(error.message)")
            }
            guard let chunk else {
                await pipe.news.wait()
                continue
            }
            try await send(chunk)
        }
    }

    private func send(_ chunk: LogChunk) async throws(ControlPlaneError) {
        let stored: LogExtent
        do {
            stored = try await persist { () async throws(ControlPlaneError) in
                try await controlPlane.append(chunk, to: attempt)
            }
        } catch .resume(let extent) {
            stored = extent
        }
        guard pipe.acknowledge(stored) else {
            throw .rejected("the stored log ends at byte \(stored.length), which is no place this log was ever at")
        }
    }
}
