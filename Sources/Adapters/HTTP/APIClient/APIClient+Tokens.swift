import APISchema
import BuildDomain
import NIOHTTP1

extension APIClient {
    /// Makes a token. Its text is in the answer and cannot be had again.
    public func createToken(_ request: TokenRequest) async throws(APIClientError) -> TokenView {
        let call = Call(
            method: .POST, path: APIPath.tokens, body: try transport.encode(request), isRepeatable: false)
        return try await transport.fetch(call, as: TokenView.self)
    }

    /// Every token, oldest first, without its text.
    public func tokens() async throws(APIClientError) -> [TokenView] {
        try await transport.fetch(Call(method: .GET, path: APIPath.tokens), as: Page<TokenView>.self).items
    }

    /// Revokes a token from now on; repeating it changes nothing.
    public func revokeToken(_ id: TokenID) async throws(APIClientError) {
        _ = try await transport.fetch(Call(method: .DELETE, path: "\(APIPath.tokens)/\(id)"))
    }
}
