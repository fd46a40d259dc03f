/// Where a build stands. Diagram: `docs/state-machines/build.md`.
public enum BuildStatus: String, StateMachine, Codable {
    case pending, running, success, failed, canceled

    public enum Event: String, TransitionEvent {
        /// A first job was claimed.
        case started
        /// All jobs ended, none failed or was canceled.
        case succeeded
        /// All jobs ended and one of them failed, or waited too long for a worker.
        case failed
        /// All jobs ended after a cancel request.
        case canceled
        /// Somebody asked for some of its jobs once more.
        case rerun

        public var reopens: Bool { self == .rerun }
    }

    public func next(after event: Event) -> BuildStatus? {
        switch (self, event) {
        case (.pending, .started): .running
        case (.pending, .canceled), (.running, .canceled): .canceled
        case (.running, .succeeded): .success
        case (.pending, .failed), (.running, .failed): .failed
        case (.success, .rerun), (.failed, .rerun), (.canceled, .rerun): .pending
        case (.pending, .succeeded), (.pending, .rerun), (.running, .started), (.running, .rerun): nil
        case (.success, _), (.failed, _), (.canceled, _): nil
        }
    }
}
