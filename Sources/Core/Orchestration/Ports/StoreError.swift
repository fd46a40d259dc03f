import BuildDomain

/// Why a store did not do what was asked.
public enum StoreError: Error, Sendable, Equatable {
    /// There is no such build, attempt or token.
    case notFound
    /// The domain refused the change; nothing was written.
    case refused(Refusal)
    /// The store cannot be reached or is overloaded; nothing was written and the same call can be repeated.
    case unavailable(String)
    /// The connection broke while the change was being committed: it may or may not be there. Every operation can be
    /// repeated with the same ids without doing it twice.
    case outcomeUnknown(String)
    /// What is stored cannot be read, or the store failed in a way it never should.
    case broken(String)
}
