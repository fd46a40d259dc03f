import APISchema
import Orchestration

extension ControlPlaneError {
    /// What the server's answer means to a worker.
    /// - Parameter attempt: the attempt that the call named, where it named one.
    init(_ error: APIClientError, of attempt: AttemptReference? = nil) {
        guard case .refused(_, let problem) = error else {
            self = Self.isFinal(error) ? .rejected("\(error)") : .unavailable("\(error)")
            return
        }
        switch (problem.type, problem.stored) {
        case ("/problems/stale-attempt", _): self = .stale
        case ("/problems/not-found", _) where attempt != nil: self = .stale
        case ("/problems/log-gap", let stored?), ("/problems/log-not-sealed", let stored?):
            self = .resume(stored: stored)
        default: self = error.isTransient ? .unavailable("\(error)") : .rejected("\(error)")
        }
    }

    private static func isFinal(_ error: APIClientError) -> Bool {
        switch error {
        case .unusableToken: true
        // A proxy may say 404 while the server behind it is away; it says the others because of what was sent.
        case .unexpected(_, let status, _): (300..<500).contains(status) && !error.isTransient
        // An answer that was cut off or changed on its way may be whole the next time.
        case .unreachable, .withoutTLS, .interrupted, .refused, .unreadable, .canceled: false
        }
    }
}
