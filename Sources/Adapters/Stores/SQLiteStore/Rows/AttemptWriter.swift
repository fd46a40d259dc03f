import BuildDomain
import Orchestration

extension SQLite {
    func insert(_ attempt: Attempt, of job: JobID, in build: BuildID) throws(StoreError) {
        let end = attempt.end
        try run(
            BuildSQL.insertAttempt,
            [
                .text(attempt.id.description), .text(job.description), .text(build.description),
                SQLValue(attempt.number), .text(attempt.worker.id.description), .text(attempt.worker.name),
                .text(attempt.status.rawValue), SQLValue(end?.reason?.rawValue), SQLValue(end?.exitCode),
                SQLValue(end?.signal), SQLValue(end?.error), SQLValue(attempt.commit?.description),
                .text(StepJSON.text(of: attempt.steps)), .integer(attempt.lease.expiresAt.milliseconds),
                SQLValue(end?.seal?.extent.length), SQLValue(end?.seal?.extent.lines), SQLValue(end?.seal?.sha256),
                .integer(attempt.startedAt.milliseconds), SQLValue(attempt.finishedAt?.milliseconds),
            ])
    }

    func update(_ attempt: Attempt) throws(StoreError) {
        let id = SQLValue.text(attempt.id.description)
        let commit = SQLValue(attempt.commit?.description)
        let steps = SQLValue.text(StepJSON.text(of: attempt.steps))
        guard let end = attempt.end else {
            try run(BuildSQL.updateProgress, [id, commit, steps])
            return
        }
        try run(
            BuildSQL.updateAttempt,
            [
                id, .text(attempt.status.rawValue), SQLValue(end.reason?.rawValue), SQLValue(end.exitCode),
                SQLValue(end.signal), SQLValue(end.error), commit, steps, SQLValue(end.seal?.extent.length),
                SQLValue(end.seal?.extent.lines), SQLValue(end.seal?.sha256),
                SQLValue(attempt.finishedAt?.milliseconds),
            ])
    }
}
