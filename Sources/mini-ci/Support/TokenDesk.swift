import APIClient
import APISchema
import BuildDomain
import MiniCI
import Orchestration

/// Tokens, wherever they are kept.
struct TokenDesk {
    private let settings: Settings

    init(_ options: TokenOptions) throws {
        options.client.warnOfVisibleToken()
        options.database.warnOfVisiblePassword()
        settings = try Settings.of(.token, options.client, options.data, options.database)
    }

    /// - Returns: the token, with its text.
    func create(_ request: TokenRequest) async throws -> TokenView {
        guard settings.databaseURL != nil else {
            return try await Connection.with(settings) { try await $0.createToken(request) }
        }
        let lifetime = request.expiresInSeconds.map { Duration.seconds($0) }
        return try await Shapes.withTokens(settings) { tokens in
            let (text, token) = try await tokens.create(name: request.name, role: request.role, lifetime: lifetime)
            return TokenView(token, text: text.description)
        }
    }

    func list() async throws -> [TokenView] {
        guard settings.databaseURL != nil else {
            return try await Connection.with(settings) { try await $0.tokens() }
        }
        return try await Shapes.withTokens(settings) { try await $0.list().map { TokenView($0) } }
    }

    func revoke(_ id: TokenID) async throws {
        guard settings.databaseURL != nil else {
            return try await Connection.with(settings) { try await $0.revokeToken(id) }
        }
        try await Shapes.withTokens(settings) { try await $0.revoke(id) }
    }
}
