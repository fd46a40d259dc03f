/// How much of a job's output is kept.
public struct LogLimits: Sendable, Hashable {
    /// Bytes of one attempt's log; beyond it, head and tail are kept. `MINI_CI_LOG_LIMIT_BYTES`.
    public var logBytes: Int64
    /// Bytes of one line; a longer one is cut. `MINI_CI_LINE_LIMIT_BYTES`.
    public var lineBytes: Int

    public init(logBytes: Int64 = 64 * 1024 * 1024, lineBytes: Int = 1024 * 1024) {
        self.logBytes = logBytes
        self.lineBytes = lineBytes
    }
}
