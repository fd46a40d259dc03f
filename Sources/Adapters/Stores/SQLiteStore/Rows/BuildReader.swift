import BuildDomain
import Orchestration

/// Puts builds together from the rows of a join, which come build by build and job by job.
struct BuildReader {
    private(set) var builds: [Build] = []
    private var build: Build?
    private var jobs: [(position: Int64, job: Job)] = []
    private var attempts: [Attempt] = []

    mutating func add(_ row: Columns) throws(StoreError) {
        let id: BuildID = try row.of("builds").identifier(0)
        if build?.id != id {
            finishBuild()
            build = try Build(row.of("builds"))
        }
        let jobRow = row.of("jobs", base: BuildSQL.jobBase)
        guard !jobRow.isNull(0) else { return }
        let jobID: JobID = try jobRow.identifier(0)
        if jobs.last?.job.id != jobID {
            finishJob()
            jobs.append((try jobRow.integer(1), try Job(jobRow)))
        }
        let attemptRow = row.of("attempts", base: BuildSQL.attemptBase)
        if !attemptRow.isNull(0) { attempts.append(try Attempt(attemptRow)) }
    }

    /// To be called after the last row.
    mutating func finish() -> [Build] {
        finishBuild()
        return builds
    }

    private mutating func finishJob() {
        guard !attempts.isEmpty, let last = jobs.last?.job else { return }
        jobs[jobs.count - 1].job = last.with(attempts: attempts.sorted { $0.number < $1.number })
        attempts = []
    }

    private mutating func finishBuild() {
        finishJob()
        guard let head = build else { return }
        builds.append(head.with(jobs: jobs.sorted { $0.position < $1.position }.map(\.job)))
        jobs = []
        build = nil
    }
}

extension Build {
    /// The build's own row, without its jobs.
    fileprivate init(_ row: Columns) throws(StoreError) {
        let commit = try row.optional(3) { (column) throws(StoreError) in try row.commit(column) }
        self.init(
            id: try row.identifier(0), repository: RepositoryURL(accepted: try row.text(1)),
            ref: GitRef(accepted: try row.text(2)), command: try row.optional(4, row.text),
            priority: Int(try row.integer(5)), commit: commit, status: try row.word(6),
            result: BuildResult(
                reason: try row.optional(7) { (column) throws(StoreError) in try row.word(column) },
                exitCode: try row.optional(8, row.integer).map { Int($0) }, error: try row.optional(9, row.text)),
            cancelRequestedAt: try row.optional(10, row.time), createdAt: try row.time(11),
            startedAt: try row.optional(12, row.time), finishedAt: try row.optional(13, row.time),
            updatedAt: try row.time(14), jobs: [])
    }

    fileprivate func with(jobs: [Job]) -> Build {
        Build(
            id: id, repository: repository, ref: ref, command: command, priority: priority, commit: commit,
            status: status, result: result, cancelRequestedAt: cancelRequestedAt, createdAt: createdAt,
            startedAt: startedAt, finishedAt: finishedAt, updatedAt: updatedAt, jobs: jobs)
    }
}

extension Job {
    /// The job's own row, without its attempts.
    fileprivate init(_ row: Columns) throws(StoreError) {
        let spec = JobSpec(
            name: try row.text(2), needs: try row.json(3, \.strings),
            labels: Set(try row.json(4, \.strings).map(Label.init(accepted:))),
            steps: try row.json(5, StepJSON.specs), environment: try row.json(6, \.stringsByKey),
            timeoutSeconds: Int(try row.integer(7)), maxAttempts: Int(try row.integer(8)),
            rules: try row.json(14, RulesJSON.rules))
        self.init(
            id: try row.identifier(0), spec: spec, status: try row.word(9), notBefore: try row.time(10),
            pendingSince: try row.optional(11, row.time), startedAt: try row.optional(12, row.time),
            finishedAt: try row.optional(13, row.time), attempts: [], attemptsBeforeRerun: Int(try row.integer(15)))
    }

    fileprivate func with(attempts: [Attempt]) -> Job {
        Job(
            id: id, spec: spec, status: status, notBefore: notBefore, pendingSince: pendingSince,
            startedAt: startedAt, finishedAt: finishedAt, attempts: attempts,
            attemptsBeforeRerun: attemptsBeforeRerun)
    }
}
