import BuildDomain
import HTTPTypes
import Hummingbird

/// Who may use a route.
enum Access: Sendable, Hashable {
    case everybody
    case bearer(of: Permission)
    /// Everybody on this machine, and bearers of a token that may read.
    case metrics
}

/// One operation of the API, as data: what it answers to, who may use it, and what does it.
struct Route: Sendable {
    var method: HTTPRequest.Method
    /// With `{placeholders}`.
    var path: String
    var access: Access
    /// The query parameters it takes.
    var parameters: [String] = []
    var handle: @Sendable (API, Exchange) async throws -> Response
}

/// A request on its way through a handler.
struct Exchange: Sendable {
    let request: Request
    let context: APIContext
    let requestID: String
    let path: String
    let query: Query
    /// The values of the path's placeholders, in their order.
    let placeholders: [Substring]

    /// The id in the path's first placeholder.
    /// - Throws: 404 where it is none, because nothing can be there.
    func id<Kind>() throws(APIFailure) -> Identifier<Kind> {
        guard let text = placeholders.first, let id = Identifier<Kind>(text) else { throw .nothing(at: path) }
        return id
    }
}
