import APISchema
import BuildDomain
import Orchestration

/// The views as JSON: every member is there, `null` where it has no value.
extension JSONWriter {
    mutating func value(_ build: BuildView) {
        object { json in
            json.member("id", build.id)
            json.member("repo_url", build.repoURL)
            json.member("ref", build.ref)
            json.member("commit_sha", build.commitSHA)
            json.member("command", build.command)
            json.member("priority", build.priority)
            json.member("status", build.status.rawValue)
            json.member("reason", build.reason?.rawValue)
            json.member("exit_code", build.exitCode)
            json.member("error", build.error)
            json.member("attempts", build.attempts)
            json.member("locked_by", build.lockedBy)
            json.member("locked_at", build.lockedAt)
            json.member("cancel_requested_at", build.cancelRequestedAt)
            json.member("created_at", build.createdAt)
            json.member("started_at", build.startedAt)
            json.member("finished_at", build.finishedAt)
            json.member("updated_at", build.updatedAt)
            json.key("jobs")
            json.array(build.jobs) { $0.value($1) }
        }
    }

    mutating func value(_ job: JobView) {
        object { json in
            json.member("id", job.id)
            json.member("name", job.name)
            json.member("status", job.status.rawValue)
            json.member("needs", job.needs)
            json.member("labels", job.labels)
            json.member("env", job.env)
            json.member("timeout_s", job.timeoutSeconds)
            json.member("max_attempts", job.maxAttempts)
            json.member("queue_timeout_s", job.queueTimeoutSeconds)
            json.member("step_timeout_s", job.stepTimeoutSeconds)
            json.member("no_output_timeout_s", job.noOutputTimeoutSeconds)
            json.key("retry_on")
            if let rule = job.retryOn { json.value(rule) } else { json.null() }
            json.member("not_before", job.notBefore)
            json.key("waiting")
            if let waiting = job.waiting { json.value(waiting) } else { json.null() }
            json.member("started_at", job.startedAt)
            json.member("finished_at", job.finishedAt)
            json.key("attempts")
            json.array(job.attempts) { $0.value($1) }
        }
    }

    mutating func value(_ verdict: WaitingVerdict) {
        object { json in
            json.member("cause", verdict.cause.rawValue)
            json.member("message", verdict.message)
        }
    }

    mutating func value(_ rule: RetryRule) {
        object { json in
            json.key("exit_codes")
            json.array(rule.exitCodes) { $0.value($1) }
            json.member("reasons", rule.reasons.map(\.rawValue))
        }
    }

    mutating func value(_ attempt: AttemptView) {
        object { json in
            json.member("id", attempt.id)
            json.member("number", attempt.number)
            json.member("status", attempt.status.rawValue)
            json.member("reason", attempt.reason?.rawValue)
            json.member("exit_code", attempt.exitCode)
            json.member("signal", attempt.signal)
            json.member("error", attempt.error)
            json.member("worker", attempt.worker)
            json.member("commit_sha", attempt.commitSHA)
            json.member("started_at", attempt.startedAt)
            json.member("finished_at", attempt.finishedAt)
            json.member("lease_expires_at", attempt.leaseExpiresAt)
            json.member("log_bytes", attempt.logBytes)
            json.member("log_lines", attempt.logLines)
            json.member("log_sha256", attempt.logSHA256)
            json.key("steps")
            json.array(attempt.steps) { $0.value($1) }
        }
    }

    mutating func value(_ step: Step) {
        object { json in
            json.member("name", step.name)
            json.member("started_at", step.startedAt)
            json.member("finished_at", step.finishedAt)
            json.member("outcome", step.outcome?.rawValue)
            json.member("conclusion", step.conclusion?.rawValue)
            json.member("exit_code", step.exitCode)
        }
    }
}
