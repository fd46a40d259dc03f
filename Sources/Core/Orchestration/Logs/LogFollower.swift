import BuildDomain

/// Where a follower stands: an attempt of a job, and the last line it has seen of it.
public struct LogPosition: Sendable, Hashable {
    public var attempt: AttemptID
    public var line: Int64

    public init(attempt: AttemptID, line: Int64) {
        self.attempt = attempt
        self.line = line
    }
}

/// Where a follower begins that has seen nothing yet.
public enum LogBeginning: String, Sendable, Hashable, CaseIterable {
    /// With the first line of the newest attempt: what somebody wants who comes to look.
    case newest
    /// With the first line of the first attempt, also when later ones have begun: nothing of the log is missed.
    case first
}

/// What a follower gets next.
public enum LogNews: Sendable {
    /// Lines after the position, whole chunks: the first may begin before it.
    case lines(attempt: AttemptID, after: Int64, chunks: [LogChunk])
    /// The build changed.
    case state(Build)
    /// The build has ended and every line was handed over.
    case end(Build)
    /// Nothing happened for a while.
    case quiet
}

/// Follows the log of one job of a build, attempt after attempt, until the build has ended.
///
/// Nothing is buffered for a follower: it has a position and reads on from there when it is ready, so a slow one costs
/// neither memory nor anybody's time.
public struct LogFollower: Sendable {
    private let store: any Store
    private let read: ReadLog
    private let hub: SignalHub
    private let timekeeper: any Timekeeper
    private let patience: Duration
    private let id: BuildID
    private let job: JobID
    private let beginning: LogBeginning
    private var position: LogPosition?
    private var subscription: Subscription
    private var latest: Build?
    /// Without leases: that a worker lives on is no news.
    private var shown: Build?
    private var mustReadBuild = true
    private var mustReadLines = true
    private var hasEnded = false

    init(
        store: any Store, read: ReadLog, hub: SignalHub, timekeeper: any Timekeeper, patience: Duration, build: BuildID,
        job: JobID, after position: LogPosition?, from beginning: LogBeginning
    ) {
        self.timekeeper = timekeeper
        self.patience = patience
        self.store = store
        self.read = read
        self.hub = hub
        id = build
        self.job = job
        self.beginning = beginning
        // A client says where it stands; no number of its may overflow ours.
        let position = position.map {
            LogPosition(attempt: $0.attempt, line: min(max(0, $0.line), Int64.max - 1))
        }
        self.position = position
        subscription = hub.subscribe([.build(build)] + (position.map { [.log($0.attempt)] } ?? []))
    }

    /// What is new; waits where nothing is. `nil` after the end, or when the task is cancelled.
    public mutating func next() async throws(StoreError) -> LogNews? {
        while !hasEnded, !Task.isCancelled {
            if mustReadBuild {
                latest = try await store.build(id)
                (mustReadBuild, mustReadLines) = (false, true)
                // A position in some other job's log is none here: begin like a newcomer.
                if let at = position, attempt(at.attempt) == nil { position = nil }
            }
            // Lines come before the state that was read before them, so the end comes after the last line.
            if mustReadLines, let lines = try await nextLines() { return lines }
            if moveToNextAttempt() { continue }
            if let latest, latest.withoutLeases != shown {
                shown = latest.withoutLeases
                hasEnded = latest.status.isTerminal
                return hasEnded ? .end(latest) : .state(latest)
            }
            let signaled = await subscription.next(within: patience, by: timekeeper)
            // After a quiet while it looks again by itself, in case a signal was lost.
            mustReadBuild = signaled.isEmpty || signaled.contains(.build(id))
            mustReadLines = true
            if signaled.isEmpty { return Task.isCancelled ? nil : .quiet }
        }
        return nil
    }

    private mutating func nextLines() async throws(StoreError) -> LogNews? {
        guard let at = position else { return nil }
        let chunks = try await read(of: at.attempt, from: at.line + 1)
        guard let last = chunks.last, last.end.lines > at.line else {
            mustReadLines = false
            return nil
        }
        position = LogPosition(attempt: at.attempt, line: last.end.lines)
        // What came after this read signals again; only a read that stopped at its limit must go on by itself, and so
        // must one of an ended log: other servers may have stored lines that this one's recent lines lack.
        mustReadLines =
            chunks.reduce(0) { $0 + $1.text.count } >= ReadLog.byteLimit || attempt(at.attempt)?.isLive != true
        return .lines(attempt: at.attempt, after: at.line, chunks: chunks)
    }

    /// The attempt, where the job had it when the build was last read.
    private func attempt(_ id: AttemptID) -> Attempt? {
        latest?.jobs.first { $0.id == job }?.attempts.first { $0.id == id }
    }

    /// Goes to the attempt to begin with at first, and from one that has ended to the one after it.
    private mutating func moveToNextAttempt() -> Bool {
        guard let attempts = latest?.jobs.first(where: { $0.id == job })?.attempts, let newest = attempts.last,
            let oldest = attempts.first
        else { return false }
        let target: AttemptID
        if let at = position {
            guard let index = attempts.firstIndex(where: { $0.id == at.attempt }), index + 1 < attempts.count else {
                return false
            }
            target = attempts[index + 1].id
        } else {
            target = beginning == .first ? oldest.id : newest.id
        }
        position = LogPosition(attempt: target, line: 0)
        subscription = hub.subscribe([.build(id), .log(target)])
        // The build may have changed between the read and the new subscription.
        mustReadBuild = true
        return true
    }
}
