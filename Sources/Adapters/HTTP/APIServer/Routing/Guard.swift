import BuildDomain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Orchestration

extension Dispatcher {
    /// Who sends the request.
    /// - Throws: 401 where there is no valid token.
    func bearer(of request: Request) async throws -> Principal {
        guard let field = request.headers[.authorization] else { throw APIFailure.unauthorized(tokenCame: false) }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw APIFailure.unauthorized(tokenCame: false)
        }
        guard let principal = try await api.services.authenticate(TokenText(presented: String(parts[1]))) else {
            throw APIFailure.unauthorized(tokenCame: true)
        }
        return principal
    }

    /// - Throws: 401 or 403.
    func check(_ access: Access, _ known: Principal?, _ request: Request, _ context: APIContext) async throws {
        switch access {
        case .everybody: return
        case .bearer(let permission):
            var principal = known
            if principal == nil { principal = try await bearer(of: request) }
            guard let principal, principal.role.allows(permission) else {
                throw APIFailure.forbidden(principal?.role ?? .reader, needs: permission)
            }
        case .metrics:
            // A proxy on this machine speaks for somebody who may be anywhere.
            let isForwarded = [HTTPField.Name.forwarded, .xForwardedFor].contains { request.headers[$0] != nil }
            if context.isLocal, !isForwarded { return }
            let principal = try await bearer(of: request)
            guard principal.role.allows(.read) else { throw APIFailure.forbidden(principal.role, needs: .read) }
        }
    }
}
