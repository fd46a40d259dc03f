import BuildDomain

/// Why the worker's disk did not do what was asked.
public enum DiskError: Error, Sendable, Equatable {
    /// No space is left (`ENOSPC`, `EDQUOT`).
    case full(String)
    case failed(String)

    public var message: String {
        switch self {
        case .full(let message), .failed(let message): message
        }
    }
}

/// A file that grows at its end and is read back from anywhere: where a log waits for the control plane.
public protocol LogSpool: Sendable {
    /// Quick: the operating system's cache, not the platter.
    func append(_ bytes: UnsafeRawBufferPointer) throws(DiskError)
    /// Exactly `count` bytes that were appended before.
    func read(at offset: Int64, count: Int) throws(DiskError) -> [UInt8]
}

/// The folders of one attempt. All paths are absolute.
public struct AttemptFolder: Sendable {
    /// Fresh and empty; what the source is checked out into.
    public var workspace: String
    /// Fresh and empty; the job's `TMPDIR`.
    public var temporary: String
    public var spool: any LogSpool

    public init(workspace: String, temporary: String, spool: any LogSpool) {
        self.workspace = workspace
        self.temporary = temporary
        self.spool = spool
    }
}

/// Where a worker keeps what belongs to its attempts.
public protocol WorkerDisk: Sendable {
    func prepare(_ attempt: AttemptID) async throws(DiskError) -> AttemptFolder
    /// Removes all of it, whatever the job left there; says what could not be removed.
    func remove(_ attempt: AttemptID) async throws(DiskError)
}
