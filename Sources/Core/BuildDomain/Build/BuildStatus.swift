/// Where a build stands. Diagram: `docs/state-machines/build.md`.
public enum BuildStatus: String, StateMachine, Codable {
    case pending, running, success, failed, canceled

    public enum Event: String, CaseIterable, Sendable {
        /// A first job was claimed.
        case started
        /// All jobs ended, none failed or was canceled.
        case succeeded
        /// All jobs ended and one of them failed.
        case failed
        /// All jobs ended after a cancel request.
        case canceled
    }

    public func next(after event: Event) -> BuildStatus? {
        switch (self, event) {
        case (.pending, .started): .running
        case (.pending, .canceled), (.running, .canceled): .canceled
        case (.running, .succeeded): .success
        case (.running, .failed): .failed
        case (.pending, .succeeded), (.pending, .failed), (.running, .started): nil
        case (.success, _), (.failed, _), (.canceled, _): nil
        }
    }
}
