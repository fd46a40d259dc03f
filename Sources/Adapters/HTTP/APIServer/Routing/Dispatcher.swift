import APISchema
import BuildDomain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import Orchestration

/// Takes every request: finds its route, checks its token, and turns whatever goes wrong into a problem document.
struct Dispatcher: HTTPResponder {
    let api: API
    private let table: RouteTable

    init(api: API) {
        self.api = api
        table = RouteTable(Route.all(isDevelopment: api.settings.isDevelopment))
    }

    func respond(to request: Request, context: APIContext) async throws -> Response {
        let start = ContinuousClock.now
        let requestID = request.acceptableID ?? RequestID().description
        let path = request.uri.path
        let match = table.match(path)
        var response: Response
        do {
            response = try await answer(request, context, requestID, path, match)
        } catch let error as HTTPParserError {
            // The connection itself is broken: the framework answers and closes it.
            throw error
        } catch {
            response = problem(error, path: path, requestID: requestID)
        }
        response.headers[.requestID] = requestID
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.cacheControl] = "no-store"
        let method = HTTPRequest.Method.usual.contains(request.method) ? request.method.rawValue : "other"
        api.services.metrics.observe(
            ContinuousClock.now - start, in: .requestDuration,
            labels: [
                "method": method, "route": match?.entry.template ?? "none", "status": String(response.status.code),
            ])
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        _ request: Request, _ context: APIContext, _ requestID: String, _ path: String,
        _ match: (entry: RouteTable.Entry, placeholders: [Substring])?
    ) async throws -> Response {
        // Below /api nobody without a token learns which paths and methods there are.
        let isGuarded = path == "/api" || path.hasPrefix("/api/")
        let principal = isGuarded ? try await bearer(of: request) : nil
        guard let match else {
            throw APIFailure.notFound("There is nothing at this path. GET /openapi.yaml lists all paths")
        }
        guard let route = match.entry.routes[request.method == .head ? .get : request.method] else {
            throw APIFailure.methodNotAllowed(request.method.rawValue, allow: match.entry.allow)
        }
        try await check(route.access, principal, request, context)
        let exchange = Exchange(
            request: request, context: context, requestID: requestID, path: path,
            query: try Query(request.uri.query, known: route.parameters), placeholders: match.placeholders)
        return try await route.handle(api, exchange)
    }

    private func problem(_ error: any Error, path: String, requestID: String) -> Response {
        let failure: APIFailure
        switch error {
        case let known as APIFailure: failure = known
        case let known as StoreError: failure = APIFailure(known, path: path)
        case let known as UseCaseError: failure = APIFailure(known, path: path)
        case is CancellationError: failure = .unavailable
        default: failure = .internalError
        }
        if failure.problem.status >= 500, !(error is CancellationError) {
            api.logger.log(
                level: failure.problem.status == 500 ? .error : .warning, "a request failed",
                metadata: ["path": "\(path)", "error": "\(failure.cause ?? "\(error)")", "request_id": "\(requestID)"])
        }
        var headers = failure.headers
        headers[.contentType] = APIMedia.problem
        return Response(
            status: HTTPResponse.Status(code: failure.problem.status), headers: headers,
            body: ResponseBody(byteBuffer: JSONWriter.buffer { $0.value(failure.problem) }))
    }
}

extension HTTPRequest.Method {
    /// Other ones are counted together: a client chooses the name, and every name would be a series of metrics.
    fileprivate static let usual: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
}

extension Request {
    /// An id that a client or proxy has given the request, where it can be trusted not to forge lines of a log.
    fileprivate var acceptableID: String? {
        guard let id = headers[.requestID], (1...64).contains(id.utf8.count) else { return nil }
        let isPlain = id.utf8.allSatisfy { byte in
            Unicode.Scalar(byte).properties.isAlphabetic && byte < 0x80
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_.".utf8.contains(byte)
        }
        return isPlain ? id : nil
    }
}
