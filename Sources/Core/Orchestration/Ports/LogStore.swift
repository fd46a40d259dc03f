import BuildDomain

/// Keeps the logs of attempts.
public protocol LogStore: Sendable {
    /// Appends what of `chunk` is new (`LogExtent.accept`). Signals nobody in this process: the caller does, once the
    /// lines can be read quickly. A store that several processes share tells the others.
    /// - Returns: what is stored now.
    /// - Throws: ``StoreError/refused(_:)`` with `staleAttempt`, `logGap` or `logConflict`.
    func append(_ chunk: LogChunk, to attempt: AttemptID) async throws(StoreError) -> LogExtent

    /// Whole chunks from the one that contains line `first` on, in order and without gaps: at least one where there is
    /// one, and no further ones once `byteLimit` bytes of text are reached. Empty where the log has no such line yet.
    func log(of attempt: AttemptID, from first: Int64, byteLimit: Int) async throws(StoreError) -> [LogChunk]

    func extent(of attempt: AttemptID) async throws(StoreError) -> LogExtent
}
