/// Where a job stands. Diagram: `docs/state-machines/job.md`.
public enum JobStatus: String, StateMachine, Codable {
    case waiting, pending, running, success, failed, canceled, skipped

    public enum Event: String, TransitionEvent {
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
        /// No worker took it in time.
        case expired
        /// Somebody asked for it once more, and nothing it needs is asked for as well.
        case rerun
        /// Somebody asked for it once more, and it waits for what it needs.
        case rerunAfterNeeds = "rerun_after_needs"

        public var reopens: Bool { self == .rerun || self == .rerunAfterNeeds }
    }

    public func next(after event: Event) -> JobStatus? {
        switch (self, event) {
        case (.waiting, .needsMet), (.running, .retried): .pending
        case (.waiting, .needsFailed): .skipped
        case (.waiting, .canceled), (.pending, .canceled), (.running, .canceled): .canceled
        case (.pending, .claimed): .running
        case (.running, .succeeded): .success
        case (.running, .failed), (.pending, .expired): .failed
        case (.success, .rerun), (.failed, .rerun), (.canceled, .rerun), (.skipped, .rerun): .pending
        case (.success, .rerunAfterNeeds), (.failed, .rerunAfterNeeds), (.canceled, .rerunAfterNeeds),
            (.skipped, .rerunAfterNeeds):
            .waiting
        case (.waiting, _), (.pending, _), (.running, _): nil
        case (.success, _), (.failed, _), (.canceled, _), (.skipped, _): nil
        }
    }
}
