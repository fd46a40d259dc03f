import APISchema
import BuildDomain
import HTTPTypes

/// An answer that is a problem document (RFC 9457). Each says what was expected, what came and what to do.
struct APIFailure: Error {
    var problem: Problem
    var headers: HTTPFields = [:]
    /// For the server's log alone.
    var cause: String?

    private init(
        _ status: HTTPResponse.Status, _ type: String, _ title: String, _ detail: String, errors: [FieldProblem]? = nil,
        stored: LogExtent? = nil, headers: HTTPFields = [:]
    ) {
        problem = Problem(
            type: type, title: title, status: status.code, detail: detail, errors: errors, stored: stored)
        self.headers = headers
    }
}

/// What a client can put right in its request.
extension APIFailure {
    static func invalidBody(_ errors: [FieldProblem]) -> APIFailure {
        let sentences = errors.map { $0.field.isEmpty ? "The body \($0.message)" : "'\($0.field)' \($0.message)" }
        return APIFailure(
            .badRequest, "invalid-body", "The body was refused", sentences.joined(separator: ". "), errors: errors)
    }

    static func invalidParameter(_ name: String, _ message: String) -> APIFailure {
        APIFailure(
            .badRequest, "invalid-parameter", "A parameter was refused", "'\(name)' \(message)",
            errors: [FieldProblem(field: name, message: message)])
    }

    static let invalidJSON = APIFailure(
        .badRequest, "invalid-json", "The body is not JSON",
        "The body could not be read as JSON in UTF-8. Check its quotes, commas and brackets, for example with 'jq .'")
    static let emptyBody = APIFailure(
        .badRequest, "invalid-json", "The body is missing", "This request needs a body in JSON, and none came")
    static let incompleteBody = APIFailure(
        .badRequest, "incomplete-body", "The body is incomplete",
        "Fewer bytes came than Content-Length announced. Send the request again")

    static func bodyTooLarge(limit: Int) -> APIFailure {
        APIFailure(
            .contentTooLarge, "body-too-large", "The body is too large",
            "At most \(limit) bytes are accepted here. Put large things into the repository or into files")
    }

    static func unsupportedMediaType(_ type: String, expected: String) -> APIFailure {
        APIFailure(
            .unsupportedMediaType, "unsupported-media-type", "The body has the wrong type",
            "Expected 'Content-Type: \(expected)', got \(type.debugDescription)")
    }

    static func notAcceptable(_ offered: [String]) -> APIFailure {
        APIFailure(
            .notAcceptable, "not-acceptable", "No acceptable form",
            "This can be had as \(offered.joined(separator: " or ")); the Accept header allows none of them")
    }

    static func notFound(_ detail: String) -> APIFailure {
        APIFailure(.notFound, "not-found", "Not found", detail)
    }

    static func methodNotAllowed(_ method: String, allow: String) -> APIFailure {
        APIFailure(
            .methodNotAllowed, "method-not-allowed", "Wrong method",
            "\(method.prefix(32)) is not possible here; possible are \(allow)", headers: [.allow: allow])
    }
}

/// Access.
extension APIFailure {
    static func unauthorized(tokenCame: Bool) -> APIFailure {
        let detail =
            tokenCame
            ? "The token is unknown, expired or revoked. An administrator can make one with 'mini-ci token create'"
            : "Send 'Authorization: Bearer TOKEN'. An administrator can make a token with 'mini-ci token create'"
        return APIFailure(
            .unauthorized, "unauthorized", "A valid token is needed", detail,
            headers: [
                .wwwAuthenticate: tokenCame
                    ? #"Bearer realm="mini-ci", error="invalid_token""# : #"Bearer realm="mini-ci""#
            ])
    }

    static func forbidden(_ role: Role, needs permission: Permission) -> APIFailure {
        let roles = Role.allCases.filter { $0.allows(permission) }.map(\.rawValue).joined(separator: " or ")
        return APIFailure(
            .forbidden, "forbidden", "The token may not do this",
            "This needs a token with the role \(roles); this one has the role \(role.rawValue)")
    }
}

/// The state of things does not allow it.
extension APIFailure {
    static func conflict(_ type: String, _ title: String, _ detail: String, stored: LogExtent? = nil) -> APIFailure {
        APIFailure(.conflict, type, title, detail, stored: stored)
    }
}

/// The server's side.
extension APIFailure {
    static let internalError = APIFailure(
        .internalServerError, "internal", "The server failed",
        "This is a fault of the server. Its log has more under the id in X-Request-Id")
    static let unavailable = APIFailure(
        .serviceUnavailable, "unavailable", "Not available now",
        "The store cannot be reached or is overloaded. Nothing was changed; send the same request again in a moment",
        headers: [.retryAfter: "1"])
    static let outcomeUnknown = APIFailure(
        .serviceUnavailable, "unavailable", "Not available now",
        "The connection to the store broke, and the change may have been made or not. Look, or send the request again",
        headers: [.retryAfter: "1"])

    static func tooManyStreams(limit: Int) -> APIFailure {
        APIFailure(
            .serviceUnavailable, "too-many-streams", "Too many log streams",
            "\(limit) streams are open, which is the limit. "
                + "Try again later, or read the log without following it",
            headers: [.retryAfter: "5"])
    }
}
