/// Where an attempt stands; it is born running. Diagram: `docs/state-machines/attempt.md`.
public enum AttemptStatus: String, StateMachine, Codable {
    case running, success, failed, canceled

    public enum Event: String, TransitionEvent {
        case succeeded, failed, canceled
        /// Its lease ran out and the control plane gave it up; the reason is `worker_lost`.
        case lost
    }

    public func next(after event: Event) -> AttemptStatus? {
        switch (self, event) {
        case (.running, .succeeded): .success
        case (.running, .failed), (.running, .lost): .failed
        case (.running, .canceled): .canceled
        case (.success, _), (.failed, _), (.canceled, _): nil
        }
    }
}
