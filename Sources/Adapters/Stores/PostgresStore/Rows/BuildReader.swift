import BuildDomain
import Orchestration

/// Puts builds together from the rows of ``BuildSQL/load``, which come build by build, job by job.
struct BuildReader {
    private(set) var builds: [Build] = []
    private var build: Build?
    private var jobs: [Job] = []
    private var attempts: [Attempt] = []

    static func builds(_ result: PostgresResult) throws -> [Build] {
        var reader = BuildReader()
        for row in result.rows { try reader.add(row) }
        reader.finishBuild()
        return reader.builds
    }

    private mutating func add(_ row: PostgresRow) throws {
        let id: BuildID = try row.identifier(0)
        do {
            if build?.id != id {
                finishBuild()
                build = try Build(row)
            }
            guard !row.isNull(BuildSQL.jobBase) else { return }
            if jobs.last?.id != (try row.identifier(BuildSQL.jobBase)) {
                finishJob()
                jobs.append(try Job(row, base: BuildSQL.jobBase))
            }
            if !row.isNull(BuildSQL.attemptBase) { attempts.append(try Attempt(row, base: BuildSQL.attemptBase)) }
        } catch PostgresError.unexpectedValue(let what) {
            throw PostgresError.unexpectedValue("build \(id): \(what)")
        }
    }

    private mutating func finishJob() {
        guard !attempts.isEmpty, let last = jobs.last else { return }
        jobs[jobs.count - 1] = last.with(attempts: attempts)
        attempts = []
    }

    private mutating func finishBuild() {
        finishJob()
        guard let head = build else { return }
        builds.append(head.with(jobs: jobs))
        jobs = []
        build = nil
    }
}

extension Build {
    /// The build's own row, without its jobs.
    fileprivate init(_ row: PostgresRow) throws {
        self.init(
            id: try row.identifier(0), repository: RepositoryURL(accepted: try row.text(1)),
            ref: GitRef(accepted: try row.text(2)), command: try row.optionalText(4), priority: try row.integer(5),
            commit: try row.optionalCommit(3), status: try row.word(6),
            result: BuildResult(
                reason: try row.optionalWord(7), exitCode: try row.optionalInteger(8), error: try row.optionalText(9)),
            cancelRequestedAt: try row.optionalTime(10), createdAt: try row.time(11),
            startedAt: try row.optionalTime(12), finishedAt: try row.optionalTime(13), updatedAt: try row.time(14),
            jobs: [])
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
    fileprivate init(_ row: PostgresRow, base: Int) throws {
        let spec = JobSpec(
            name: try row.text(base + 2), needs: try row.json(base + 3, \.strings),
            labels: try row.json(base + 4, LabelSet.labels), steps: try row.json(base + 5, StepJSON.specs),
            environment: try row.json(base + 6, \.stringsByKey), timeoutSeconds: try row.integer(base + 7),
            maxAttempts: try row.integer(base + 8), rules: try row.json(base + 14, RulesJSON.rules))
        self.init(
            id: try row.identifier(base), spec: spec, status: try row.word(base + 9),
            notBefore: try row.time(base + 10), pendingSince: try row.optionalTime(base + 11),
            startedAt: try row.optionalTime(base + 12), finishedAt: try row.optionalTime(base + 13), attempts: [],
            attemptsBeforeRerun: try row.integer(base + 15))
    }

    fileprivate func with(attempts: [Attempt]) -> Job {
        Job(
            id: id, spec: spec, status: status, notBefore: notBefore, pendingSince: pendingSince,
            startedAt: startedAt, finishedAt: finishedAt, attempts: attempts,
            attemptsBeforeRerun: attemptsBeforeRerun)
    }
}
