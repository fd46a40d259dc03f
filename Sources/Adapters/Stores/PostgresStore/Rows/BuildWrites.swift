import BuildDomain
import Orchestration

/// What a transaction writes of builds: the rows of all its changes, gathered so that each table takes one statement
/// however many builds changed.
struct BuildWrites {
    private(set) var newBuilds: [(build: Build, key: IdempotencyKey?)] = []
    private(set) var changedBuilds: [Build] = []
    private(set) var newJobs: [(job: Job, position: Int, build: Build)] = []
    private(set) var changedJobs: [Job] = []
    private(set) var newAttempts: [(attempt: Attempt, job: JobID, build: BuildID)] = []
    private(set) var changedAttempts: [Attempt] = []
    private(set) var events: [(build: BuildID, entry: RecordedEvent)] = []
    private(set) var topics: Set<Topic> = []

    /// Takes in a new build.
    mutating func insert(_ change: BuildChange, key: IdempotencyKey?) {
        newBuilds.append((change.build, key))
        for (position, job) in change.build.jobs.enumerated() { newJobs.append((job, position, change.build)) }
        append(change)
    }

    /// Takes in what became of a build that is stored as `before`. A build may come only once: a statement changes
    /// a row only once.
    mutating func update(_ change: BuildChange, before: Build) {
        guard !change.isEmpty else { return }
        if change.buildChanged { changedBuilds.append(change.build) }
        let stored = Dictionary(uniqueKeysWithValues: before.jobs.map { ($0.id, $0) })
        changedJobs += change.changedJobs.filter { job in stored[job.id].map { !$0.hasSameRow(as: job) } ?? false }
        newAttempts += change.newAttempts.map { ($0.attempt, $0.job, change.build.id) }
        changedAttempts += change.changedAttempts
        append(change)
    }

    private mutating func append(_ change: BuildChange) {
        for entry in change.events { events.append((change.build.id, entry)) }
        topics.formUnion(change.topics)
    }
}

extension Job {
    /// Of the columns that change.
    fileprivate func hasSameRow(as other: Job) -> Bool {
        status == other.status && notBefore == other.notBefore && pendingSince == other.pendingSince
            && startedAt == other.startedAt && finishedAt == other.finishedAt
            && attemptsBeforeRerun == other.attemptsBeforeRerun
    }
}

extension BuildWrites {
    /// In an order in which no row refers to a later one, and an attempt ends before its job's next begins.
    func statements() throws -> [PostgresStatement] {
        var statements: [PostgresStatement] = []
        if !newBuilds.isEmpty { statements.append(.insert(builds: newBuilds)) }
        if !newJobs.isEmpty { statements.append(.insert(jobs: newJobs)) }
        if !changedBuilds.isEmpty { statements.append(.update(builds: changedBuilds)) }
        if !changedJobs.isEmpty { statements.append(.update(jobs: changedJobs)) }
        if !changedAttempts.isEmpty { statements.append(.update(attempts: changedAttempts)) }
        if !newAttempts.isEmpty { statements.append(.insert(attempts: newAttempts)) }
        if !events.isEmpty { statements.append(try .insert(events: events)) }
        return statements
    }
}
