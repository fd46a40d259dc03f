import BuildDomain
import Synchronization

/// Who is asking: the bearer of a valid token.
public struct Principal: Sendable, Hashable {
    public var token: TokenID
    public var name: String
    public var role: Role
}

/// Finds out who bears a token.
///
/// A found token is remembered for a few seconds, because every request asks; so a revoked one may work that much
/// longer.
public final class Authenticate: Sendable {
    /// How long an answer of the store is believed.
    public static let memory = Duration.seconds(2)
    /// The most tokens remembered.
    public static let maximumRemembered = 1000

    private struct Remembered {
        var token: AccessToken
        var until: Timestamp
    }

    private let store: any TokenStore
    private let timekeeper: any Timekeeper
    private let remembered = Mutex<[[UInt8]: Remembered]>([:])

    public init(store: any TokenStore, timekeeper: any Timekeeper) {
        self.store = store
        self.timekeeper = timekeeper
    }

    /// - Returns: `nil` where the token is unknown, expired or revoked.
    public func callAsFunction(_ text: TokenText) async throws(StoreError) -> Principal? {
        let digest = text.digest
        let now = timekeeper.now
        if let known = remembered.withLock({ $0[digest] }), now < known.until, known.token.isValid(at: now) {
            return principal(known.token)
        }
        guard let (storeNow, token) = try await store.token(digest: digest), constantTimeEqual(token.digest, digest),
            token.isValid(at: storeNow)
        else { return nil }
        remembered.withLock { remembered in
            if remembered.count >= Self.maximumRemembered { remembered.removeAll() }
            remembered[digest] = Remembered(token: token, until: now + Self.memory)
        }
        return principal(token)
    }

    /// Forgets what was remembered, so that a revocation through this process works at once.
    public func forget() { remembered.withLock { $0.removeAll() } }

    private func principal(_ token: AccessToken) -> Principal {
        Principal(token: token.id, name: token.name, role: token.role)
    }
}
