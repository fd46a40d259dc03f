import BuildDomain

/// Why a job does not run yet, in a word for programs and a sentence for people.
public struct WaitingVerdict: Sendable, Hashable, Codable {
    public enum Cause: String, Sendable, Hashable, Codable, CaseIterable {
        /// Jobs that it needs have not ended.
        case needs
        /// It is tried again, but not yet.
        case backingOff = "backing_off"
        /// No worker that ever registered has its labels.
        case noWorker = "no_worker"
        /// Workers with its labels are known, but none was heard of lately.
        case workersOffline = "workers_offline"
        /// They finish what they have and take nothing new.
        case workersDraining = "workers_draining"
        case workersBusy = "workers_busy"
        /// A worker is free: it is a matter of moments.
        case starting
    }

    public var cause: Cause
    public var message: String

    public init(cause: Cause, message: String) {
        self.cause = cause
        self.message = message
    }
}

/// The workers there are, as somebody saw them.
public struct Roster: Sendable {
    public var now: Timestamp
    public var workers: [(worker: Worker, running: Int)]
    /// After how long without a word a worker counts as offline.
    public var lease: Duration

    public init(now: Timestamp, workers: [(worker: Worker, running: Int)], lease: Duration) {
        self.now = now
        self.workers = workers
        self.lease = lease
    }
}

extension WaitingVerdict {
    /// - Parameters:
    ///   - ahead: jobs with the same labels that are handed out before it.
    ///   - typical: how long jobs took lately; `nil` where that is not known.
    /// - Returns: `nil` for a job that runs or has ended.
    public init?(for job: Job, in build: Build, roster: Roster, ahead: Int, typical: Duration?) {
        switch job.status {
        case .waiting: self.init(cause: .needs, message: Self.needs(of: job, in: build))
        case .pending where job.notBefore > roster.now:
            let reason = job.attempts.last?.end?.reason.map { " after \($0.rawValue)" } ?? ""
            self.init(cause: .backingOff, message: "backing off until \(job.notBefore)\(reason)")
        case .pending: self = Self.pending(job, roster, ahead, typical)
        case .running, .success, .failed, .canceled, .skipped: return nil
        }
    }

    private static func needs(of job: Job, in build: Build) -> String {
        let open = build.jobs.filter { job.spec.needs.contains($0.spec.name) && $0.status != .success }
        return "waiting for " + open.map { "'\($0.spec.name)'" }.joined(separator: ", ")
    }

    private static func pending(_ job: Job, _ roster: Roster, _ ahead: Int, _ typical: Duration?) -> WaitingVerdict {
        let labels = job.spec.labels
        let matching = roster.workers.filter { labels.isSubset(of: $0.worker.labels) }
        guard !matching.isEmpty else {
            return WaitingVerdict(cause: .noWorker, message: missing(labels, roster.workers.map(\.worker)))
        }
        let whose = labels.isEmpty ? "" : " with its labels"
        let online = matching.filter { roster.now - $0.worker.lastSeenAt < roster.lease }
        guard !online.isEmpty else {
            let last = matching.map(\.worker.lastSeenAt).max().map { " since \($0)" } ?? ""
            return WaitingVerdict(
                cause: .workersOffline,
                message: "\(count(matching.count, "worker"))\(whose), but none was heard of\(last)")
        }
        let working = online.filter { !$0.worker.isDraining }
        guard !working.isEmpty else {
            return WaitingVerdict(
                cause: .workersDraining,
                message: "\(count(online.count, "worker"))\(whose) finish what they have and take nothing new")
        }
        guard working.allSatisfy({ $0.running >= $0.worker.capacity }) else {
            return WaitingVerdict(cause: .starting, message: "a worker is about to take it")
        }
        let slots = working.reduce(0) { $0 + $1.worker.capacity }
        let estimate = typical.map { ", \(about($0 * Double(ahead + 1) / Double(max(1, slots))))" } ?? ""
        let who =
            working.count == 1 ? "the only worker\(whose) is busy" : "all \(working.count) workers\(whose) are busy"
        return WaitingVerdict(cause: .workersBusy, message: "\(who), \(count(ahead, "job")) ahead\(estimate)")
    }

    private static func missing(_ labels: Set<Label>, _ workers: [Worker]) -> String {
        guard !workers.isEmpty else { return "no worker has ever registered; start one with `mini-ci worker`" }
        let offered = Set(workers.flatMap(\.labels))
        guard let label = labels.subtracting(offered).sorted().first else {
            let all = labels.sorted().map { "`\($0)`" }.joined(separator: ", ")
            return "no worker has all of the labels \(all)"
        }
        let near = Nearest.word(to: label.description, among: offered.map(\.description)) ?? sameKey(label, offered)
        let owner = near.flatMap { near in workers.first { $0.labels.contains { $0.description == near } }?.name }
        let hint = near.flatMap { near in owner.map { " (nearest: `\(near)` on \($0))" } } ?? ""
        return "no worker has the label `\(label)`\(hint)"
    }

    /// Another value of the same key: `arch=aarch64` for `arch=arm64`.
    private static func sameKey(_ label: Label, _ offered: Set<Label>) -> String? {
        let parts = label.description.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return offered.map(\.description).filter { $0.hasPrefix("\(parts[0])=") }.min()
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private static func about(_ duration: Duration) -> String {
        let seconds = max(1, Int(duration.components.seconds))
        return seconds < 90 ? "about \(seconds) s" : "about \((seconds + 30) / 60) min"
    }
}
