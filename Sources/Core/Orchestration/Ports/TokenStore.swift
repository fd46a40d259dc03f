import BuildDomain

/// Keeps access tokens, of which it knows only the digest.
public protocol TokenStore: Sendable {
    /// - Parameter lifetime: how long it is valid from now by the store's clock; `nil` for ever.
    func insert(
        id: TokenID, name: String, role: Role, digest: [UInt8], lifetime: Duration?
    ) async throws(StoreError) -> AccessToken

    /// The token with that SHA-256, revoked and expired ones included, and the store's time; `nil` where there is none.
    func token(digest: [UInt8]) async throws(StoreError) -> (now: Timestamp, token: AccessToken)?

    /// All tokens, oldest first.
    func tokens() async throws(StoreError) -> [AccessToken]

    /// Revokes from now on; repeating it changes nothing.
    /// - Throws: ``StoreError/notFound``.
    func revoke(_ id: TokenID) async throws(StoreError)
}

/// Everything that must be kept.
public protocol Store: BuildStore, LeaseStore, LogStore, WorkerStore, TokenStore {
    /// Whether the store can be reached and written to now; throws what stands in the way.
    func check() async throws(StoreError)

    /// Ends connections and background work. No call is made after it.
    func close() async
}
