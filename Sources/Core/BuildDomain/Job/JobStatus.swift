/// Where a job stands. Diagram: `docs/state-machines/job.md`.
public enum JobStatus: String, StateMachine, Codable {
    case waiting, pending, running, success, failed, canceled, skipped

    public enum Event: String, CaseIterable, Sendable {
        /// Every job it needs succeeded.
        case needsMet = "needs_met"
        /// A job it needs ended without success.
        case needsFailed = "needs_failed"
        /// A worker took it; an attempt began.
        case claimed
        /// Its attempt succeeded.
        case succeeded
        /// Its attempt failed and there will be no other.
        case failed
        /// Its attempt failed and there will be another.
        case retried
        /// It was canceled before it started, or its attempt ended by the cancel.
        case canceled
    }

    public func next(after event: Event) -> JobStatus? {
        switch (self, event) {
        case (.waiting, .needsMet), (.running, .retried): .pending
        case (.waiting, .needsFailed): .skipped
        case (.waiting, .canceled), (.pending, .canceled), (.running, .canceled): .canceled
        case (.pending, .claimed): .running
        case (.running, .succeeded): .success
        case (.running, .failed): .failed
        case (.waiting, _), (.pending, _), (.running, _): nil
        case (.success, _), (.failed, _), (.canceled, _), (.skipped, _): nil
        }
    }
}
