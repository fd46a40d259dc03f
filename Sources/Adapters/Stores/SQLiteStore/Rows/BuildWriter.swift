import BuildDomain
import Orchestration

extension SQLite {
    func load(_ id: BuildID) throws(StoreError) -> Build? {
        var reader = BuildReader()
        try query(BuildSQL.load, [.text(id.description)]) { (row) throws(StoreError) in
            try reader.add(Columns(row))
        }
        return reader.finish().first
    }

    /// Writes a new build.
    func insert(_ change: BuildChange, key: IdempotencyKey?) throws(StoreError) {
        let build = change.build
        try run(
            BuildSQL.insertBuild,
            [
                .text(build.id.description), .text(build.repository.description), .text(build.ref.description),
                SQLValue(build.commit?.description), SQLValue(build.command), SQLValue(build.priority),
                .text(build.status.rawValue), SQLValue(build.result.reason?.rawValue),
                SQLValue(build.result.exitCode), SQLValue(build.result.error),
                SQLValue(build.cancelRequestedAt?.milliseconds), .integer(build.createdAt.milliseconds),
                SQLValue(build.startedAt?.milliseconds), SQLValue(build.finishedAt?.milliseconds),
                .integer(build.updatedAt.milliseconds), SQLValue(key?.key), SQLValue(key?.fingerprint),
            ])
        for (position, job) in build.jobs.enumerated() { try insert(job, of: build, position: position) }
        try append(change.events, to: build.id)
    }

    /// Writes what an operation changed in a build that is stored as `before`.
    func update(_ change: BuildChange, before: Build) throws(StoreError) {
        let build = change.build
        if change.buildChanged { try update(build, isMoved: build.status != before.status) }
        for job in change.changedJobs { try update(job) }
        for (job, attempt) in change.newAttempts { try insert(attempt, of: job, in: build.id) }
        for attempt in change.changedAttempts { try update(attempt) }
        try append(change.events, to: build.id)
    }

    private func update(_ build: Build, isMoved: Bool) throws(StoreError) {
        var values: [SQLValue] = [
            .text(build.id.description), SQLValue(build.commit?.description), SQLValue(build.result.reason?.rawValue),
            SQLValue(build.result.exitCode), SQLValue(build.result.error),
            SQLValue(build.cancelRequestedAt?.milliseconds), SQLValue(build.startedAt?.milliseconds),
            SQLValue(build.finishedAt?.milliseconds), .integer(build.updatedAt.milliseconds),
        ]
        if isMoved { values.append(.text(build.status.rawValue)) }
        try run(isMoved ? BuildSQL.updateBuild : BuildSQL.updateBuildInPlace, values)
    }

    private func insert(_ job: Job, of build: Build, position: Int) throws(StoreError) {
        let spec = job.spec
        try run(
            BuildSQL.insertJob,
            [
                .text(job.id.description), .text(build.id.description), SQLValue(position), .text(spec.name),
                .text(JSONText.strings(spec.needs).text), .text(LabelSet.text(of: spec.labels)),
                .text(StepJSON.text(of: spec.steps)),
                .text(JSONText.object(spec.environment.mapValues(JSONText.string)).text),
                SQLValue(spec.timeoutSeconds), SQLValue(spec.maxAttempts), SQLValue(build.priority),
                .text(job.status.rawValue), .integer(job.notBefore.milliseconds),
                SQLValue(job.pendingSince?.milliseconds), SQLValue(job.startedAt?.milliseconds),
                SQLValue(job.finishedAt?.milliseconds), .text(RulesJSON.text(of: spec.rules)),
                SQLValue(job.attemptsBeforeRerun), SQLValue(job.queueExpiresAt?.milliseconds),
            ])
    }

    private func update(_ job: Job) throws(StoreError) {
        try run(
            BuildSQL.updateJob,
            [
                .text(job.id.description), .text(job.status.rawValue), .integer(job.notBefore.milliseconds),
                SQLValue(job.pendingSince?.milliseconds), SQLValue(job.startedAt?.milliseconds),
                SQLValue(job.finishedAt?.milliseconds), SQLValue(job.attemptsBeforeRerun),
                SQLValue(job.queueExpiresAt?.milliseconds),
            ])
    }

    private func append(_ events: [RecordedEvent], to build: BuildID) throws(StoreError) {
        for entry in events {
            try run(
                BuildSQL.insertEvent,
                [
                    .text(build.description), SQLValue(entry.event.job?.description),
                    SQLValue(entry.event.attempt?.description), .integer(entry.at.milliseconds),
                    .text(entry.event.kind), .text(try EventJSON.text(of: entry.event)),
                ])
        }
    }
}
