import BuildDomain

/// Makes, lists and revokes access tokens.
public struct ManageTokens: Sendable {
    /// The longest name, in characters.
    public static let maximumNameLength = 100
    /// The longest lifetime: a hundred years. Times are counted in milliseconds, which more could overflow.
    public static let maximumLifetime = Duration.seconds(36_525 * 86_400)

    private let store: any TokenStore
    private let surroundings: Surroundings

    public init(store: any TokenStore, surroundings: Surroundings) {
        self.store = store
        self.surroundings = surroundings
    }

    /// - Returns: the token's text, which cannot be had again, and what is kept of it.
    /// - Throws: ``UseCaseError/invalid(_:)`` for an unusable name or lifetime.
    public func create(
        name: String, role: Role, lifetime: Duration?
    ) async throws(UseCaseError) -> (text: TokenText, token: AccessToken) {
        guard !name.isEmpty, name.count <= Self.maximumNameLength,
            !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else {
            throw .invalid([
                InvalidInput(field: "name", message: "must be 1 to \(Self.maximumNameLength) printable characters")
            ])
        }
        if let lifetime, lifetime <= .zero || lifetime > Self.maximumLifetime {
            let maximum = Self.maximumLifetime.components.seconds
            throw .invalid([
                InvalidInput(field: "expires_in_s", message: "must be more than 0 and at most \(maximum) seconds")
            ])
        }
        let text = TokenText(entropy: surroundings.entropy)
        do {
            let token = try await store.insert(
                id: surroundings.identifier(), name: name, role: role, digest: text.digest, lifetime: lifetime)
            return (text, token)
        } catch { throw .store(error) }
    }

    public func list() async throws(UseCaseError) -> [AccessToken] {
        do { return try await store.tokens() } catch { throw .store(error) }
    }

    public func revoke(_ id: TokenID) async throws(UseCaseError) {
        do { try await store.revoke(id) } catch { throw .store(error) }
    }
}
