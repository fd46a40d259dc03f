import BuildDomain
import Orchestration

/// All that a memory store knows.
struct MemoryState: Sendable {
    struct Key: Sendable {
        var fingerprint: String
        var build: BuildID
    }

    var builds: [BuildID: Build] = [:]
    var histories: [BuildID: [RecordedEvent]] = [:]
    var keys: [String: Key] = [:]
    /// Pending jobs in the order they are handed out.
    private(set) var queue: [QueueEntry] = []
    /// Live attempts.
    private(set) var live: [AttemptID: AttemptReference] = [:]
    /// The chunks of each log, in order.
    var logs: [AttemptID: [LogChunk]] = [:]
    var workers: [WorkerID: Worker] = [:]
    var tokens: [TokenID: AccessToken] = [:]

    func extent(of attempt: AttemptID) -> LogExtent { logs[attempt]?.last?.end ?? LogExtent() }

    /// Writes what an operation changed.
    mutating func apply(_ change: BuildChange) {
        let id = change.build.id
        let before = builds.updateValue(change.build, forKey: id)
        histories[id, default: []] += change.events
        let known = Dictionary(uniqueKeysWithValues: (before?.jobs ?? []).map { ($0.id, $0.status) })
        for job in change.changedJobs {
            let entry = QueueEntry(priority: change.build.priority, job: job.id, build: id, labels: job.spec.labels)
            if known[job.id] == .pending, job.status != .pending { remove(entry) }
            if known[job.id] != .pending, job.status == .pending { insert(entry) }
            for attempt in job.attempts.suffix(1) {
                live[attempt.id] =
                    attempt.isLive ? AttemptReference(build: id, job: job.id, attempt: attempt.id) : nil
            }
        }
    }

    private func position(of entry: QueueEntry) -> Int {
        var range = 0..<queue.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if queue[middle] < entry {
                range = (middle + 1)..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        return range.lowerBound
    }

    private mutating func insert(_ entry: QueueEntry) { queue.insert(entry, at: position(of: entry)) }

    private mutating func remove(_ entry: QueueEntry) {
        let position = position(of: entry)
        if position < queue.count, queue[position].job == entry.job { queue.remove(at: position) }
    }
}

/// A job that waits for a worker; higher priority goes first, then the older one.
struct QueueEntry: Sendable, Comparable {
    var priority: Int
    var job: JobID
    var build: BuildID
    var labels: Set<Label>

    static func < (left: Self, right: Self) -> Bool {
        (right.priority, left.job) < (left.priority, right.job)
    }

    static func == (left: Self, right: Self) -> Bool { left.job == right.job && left.priority == right.priority }
}
