import BuildDomain

/// Why a use case did not do what was asked.
public enum UseCaseError: Error, Sendable, Equatable {
    /// Values from outside were refused; all of them are named.
    case invalid([InvalidInput])
    /// The idempotency key was used before for another submission, which made this build.
    case keyTaken(BuildID)
    case store(StoreError)
}
