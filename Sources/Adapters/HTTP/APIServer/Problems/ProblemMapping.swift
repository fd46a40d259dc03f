import APISchema
import BuildDomain
import Orchestration

/// What the errors of the use cases are over HTTP.
extension APIFailure {
    /// - Parameter path: the path that was asked for, to say what is missing.
    init(_ error: StoreError, path: String) {
        switch error {
        case .notFound: self = .nothing(at: path)
        case .refused(let refusal): self.init(refusal)
        case .unavailable: self = .unavailable
        case .outcomeUnknown: self = .outcomeUnknown
        case .broken: self = .internalError
        }
    }

    init(_ error: UseCaseError, path: String) {
        switch error {
        case .invalid(let inputs):
            self = .invalidBody(inputs.map { FieldProblem(field: $0.field, message: $0.message) })
        case .keyTaken(let id):
            self = .conflict(
                "idempotency-key-reused", "The idempotency key was used before",
                "The key belongs to another submission, which made build \(id). Use a new key for a new submission")
        case .store(let error): self.init(error, path: path)
        }
    }

    init(_ refusal: Refusal) {
        switch refusal {
        case .staleAttempt: self = .staleAttempt
        case .illegalTransition(let machine, let from, let event):
            self = .conflict(
                "illegal-transition", "Not possible in this status",
                "\(machine) is '\(from)', and from there '\(event)' is not possible")
        case .alreadyFinished(let status):
            self = .conflict(
                "already-finished", "The build has ended",
                "The build has ended with the status '\(status.rawValue)', and that does not change any more")
        case .nothingToRerun:
            self = .conflict(
                "nothing-to-rerun", "No job to execute once more",
                "None of the build's jobs has ended as was asked for; 'all' takes those that succeeded as well")
        case .cancelUnderWay:
            self = .conflict(
                "cancel-under-way", "The build is being canceled",
                "Its workers are still stopping what runs. Ask again when its status is 'canceled'")
        case .logGap(let stored): self = .logGap(stored)
        case .logConflict(let stored): self = .logConflict(stored)
        case .logNotSealed(let stored): self = .logNotSealed(stored)
        }
    }

    static func nothing(at path: String) -> APIFailure {
        let what = path.hasPrefix(APIPath.tokens) ? "token" : "build"
        return .notFound("There is no \(what) with this id; GET \(APIPath.all(what)) lists those there are")
    }
}

/// What workers are told.
extension APIFailure {
    static let staleAttempt = APIFailure.conflict(
        "stale-attempt", "The attempt is not live",
        "It has ended, was declared lost, or never was. Stop the work, clean up and write nothing more for it")

    static func logGap(_ stored: LogExtent) -> APIFailure {
        .conflict(
            "log-gap", "Lines in between are missing",
            "\(stored.length) bytes in \(stored.lines) lines are stored. Go on from there", stored: stored)
    }

    static func logConflict(_ stored: LogExtent?) -> APIFailure {
        .conflict(
            "log-conflict", "Not the same log",
            "The chunk cannot continue what is stored: it cuts a line in two, or its numbers do not add up",
            stored: stored)
    }

    static func logNotSealed(_ stored: LogExtent) -> APIFailure {
        .conflict(
            "log-not-sealed", "The stored log is not what the seal says",
            "\(stored.length) bytes in \(stored.lines) lines are stored. Append what is missing, then finish again",
            stored: stored)
    }

    /// - Parameter isAppend: the same answer of the control plane means different things for a chunk and for an end.
    init(_ error: ControlPlaneError, isAppend: Bool) {
        switch error {
        case .stale: self = .staleAttempt
        case .resume(let stored): self = isAppend ? .logGap(stored) : .logNotSealed(stored)
        case .unavailable(let message):
            self = .unavailable
            cause = message
        case .rejected(let message):
            self =
                isAppend
                ? .logConflict(nil)
                : .conflict(
                    "rejected", "Not accepted", "This will not be accepted however often it is sent: \(message)")
        }
    }
}

extension APIPath {
    fileprivate static func all(_ what: String) -> String { what == "token" ? tokens : builds }
}
