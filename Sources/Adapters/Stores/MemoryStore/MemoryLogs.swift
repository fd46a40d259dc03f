import BuildDomain
import Orchestration

extension MemoryStore {
    public func append(_ chunk: LogChunk, to attempt: AttemptID) async throws(StoreError) -> LogExtent {
        try write { (state) throws(StoreError) in
            guard state.live[attempt] != nil else { throw .refused(.staleAttempt(attempt)) }
            let stored = state.extent(of: attempt)
            let new: LogChunk?
            do throws(Refusal) { new = try stored.accept(chunk) } catch { throw .refused(error) }
            guard let new else { return (stored, []) }
            state.logs[attempt, default: []].append(new)
            return (new.end, [])
        }
    }

    public func log(
        of attempt: AttemptID, from first: Int64, byteLimit: Int
    ) async throws(StoreError) -> [LogChunk] {
        try read { (state) throws(StoreError) in
            let chunks = state.logs[attempt] ?? []
            var bytes = 0
            let wanted = chunks.drop { $0.end.lines < first }
            let end = wanted.firstIndex { chunk in
                defer { bytes += chunk.text.count }
                return bytes > 0 && bytes >= byteLimit
            }
            return Array(wanted[..<(end ?? wanted.endIndex)])
        }
    }

    public func extent(of attempt: AttemptID) async throws(StoreError) -> LogExtent {
        try read { (state) throws(StoreError) in state.extent(of: attempt) }
    }
}
