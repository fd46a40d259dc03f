import BuildDomain
import Orchestration

/// The variables a job's commands see, and nothing else: of the machine, of the job, of the system. Documented in
/// `docs/environment.md`.
struct JobEnvironment {
    let assignment: Assignment
    let folder: AttemptFolder
    let settings: WorkerSettings

    func variables(commit: CommitSHA?) -> [String: String] {
        let reference = assignment.reference
        var variables = settings.hostEnvironment
        variables["TMPDIR"] = folder.temporary
        variables["TERM"] = "dumb"
        variables.merge(assignment.job.environment) { $1 }
        variables["CI"] = assignment.job.environment["CI"] ?? "true"
        variables["MINI_CI"] = "true"
        variables["MINI_CI_BUILD_ID"] = reference.build.description
        variables["MINI_CI_JOB_ID"] = reference.job.description
        variables["MINI_CI_JOB_NAME"] = assignment.job.name
        variables["MINI_CI_ATTEMPT_ID"] = reference.attempt.description
        variables["MINI_CI_ATTEMPT"] = String(assignment.attemptNumber)
        variables["MINI_CI_REPO_URL"] = assignment.repository.description
        variables["MINI_CI_REF"] = assignment.ref.description
        variables["MINI_CI_COMMIT_SHA"] = commit?.description
        variables["MINI_CI_WORKSPACE"] = folder.workspace
        variables["MINI_CI_WORKER_NAME"] = settings.name
        return variables
    }
}
