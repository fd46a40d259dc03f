/// One execution of a job by one worker; immutable once ended. Its id fences every write of the worker.
public struct Attempt: Sendable, Hashable {
    public let id: AttemptID
    /// 1 for a job's first attempt.
    public let number: Int
    public let worker: WorkerReference
    public internal(set) var status: AttemptStatus
    public internal(set) var end: AttemptEnd?
    /// The commit the worker checked out, once it has said so.
    public internal(set) var commit: CommitSHA?
    public internal(set) var steps: [Step]
    public let startedAt: Timestamp
    public internal(set) var finishedAt: Timestamp?
    /// Kept by the store's clock and renewed outside the aggregate, so not part of its history.
    public var lease: Lease

    /// Takes back an attempt as a store kept it.
    public init(
        id: AttemptID, number: Int, worker: WorkerReference, status: AttemptStatus, end: AttemptEnd?,
        commit: CommitSHA?,
        steps: [Step], startedAt: Timestamp, finishedAt: Timestamp?, lease: Lease
    ) {
        self.id = id
        self.number = number
        self.worker = worker
        self.status = status
        self.end = end
        self.commit = commit
        self.steps = steps
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.lease = lease
    }

    public var isLive: Bool { !status.isTerminal }
}

/// The worker an attempt belongs to: its id, and its name as it was then.
public struct WorkerReference: Sendable, Hashable, Codable {
    public var id: WorkerID
    public var name: String

    public init(id: WorkerID, name: String) {
        self.id = id
        self.name = name
    }
}

/// The time until which a live attempt belongs to its worker, by the store's clock.
public struct Lease: Sendable, Hashable {
    public var expiresAt: Timestamp

    public init(expiresAt: Timestamp) { self.expiresAt = expiresAt }

    public func hasExpired(at now: Timestamp) -> Bool { now >= expiresAt }
}

/// How an attempt ended, as its worker reported it or as the control plane decided.
public struct AttemptEnd: Sendable, Hashable, Codable {
    public var outcome: AttemptStatus
    /// Set where the outcome is not `success`.
    public var reason: Reason?
    /// The failing command's exit code, or the last one's; `nil` where no command ended by itself.
    public var exitCode: Int?
    /// The signal that ended the command, by number.
    public var signal: Int?
    /// A sentence for people where the reason alone does not tell.
    public var error: String?
    /// What the whole log must be; `nil` where the worker did not end it: it was lost, or the attempt was ended by
    /// hand.
    public var seal: LogSeal?

    public init(
        outcome: AttemptStatus, reason: Reason? = nil, exitCode: Int? = nil, signal: Int? = nil, error: String? = nil,
        seal: LogSeal?
    ) {
        self.outcome = outcome
        self.reason = reason
        self.exitCode = exitCode
        self.signal = signal
        self.error = error
        self.seal = seal
    }

    private enum CodingKeys: String, CodingKey {
        case outcome, reason, signal, error, seal
        case exitCode = "exit_code"
    }

    /// Only what did not succeed has a reason, and codes and signals are such as processes have.
    var isConsistent: Bool {
        (outcome == .success) == (reason == nil) && exitCode.map { (0...255).contains($0) } ?? true
            && signal.map { (1...127).contains($0) } ?? true
    }

    var event: AttemptStatus.Event {
        switch outcome {
        case .success: .succeeded
        case .canceled: .canceled
        case .failed, .running: reason == .workerLost ? .lost : .failed
        }
    }
}
