import APISchema
import BuildDomain
import NIOHTTP1

/// Which builds to list, newest first.
public struct BuildFilter: Sendable, Hashable {
    public var status: BuildStatus?
    /// Exactly as it was submitted.
    public var repository: String?
    public var ref: String?
    /// Builds in one page; the server has a default and a maximum.
    public var limit: Int?
    /// ``Page/nextCursor`` of the page before.
    public var cursor: String?

    public init(
        status: BuildStatus? = nil, repository: String? = nil, ref: String? = nil, limit: Int? = nil,
        cursor: String? = nil
    ) {
        self.status = status
        self.repository = repository
        self.ref = ref
        self.limit = limit
        self.cursor = cursor
    }

    var query: [(String, String)] {
        let pairs = [
            ("status", status?.rawValue), ("repo_url", repository), ("ref", ref), ("limit", limit.map { String($0) }),
            ("cursor", cursor),
        ]
        return pairs.compactMap { name, value in value.map { (name, $0) } }
    }
}

extension APIClient {
    /// Submits a build.
    /// - Parameter key: makes repeating the call return the first build. Without one, an answer that gets lost leaves
    ///   open whether there is a build.
    public func submit(_ request: BuildRequest, key: String?) async throws(APIClientError) -> BuildView {
        let headers = key.map { [(APIMedia.idempotencyKey, $0)] } ?? []
        let call = Call(
            method: .POST, path: APIPath.builds, headers: headers, body: try transport.encode(request),
            isRepeatable: key != nil)
        return try await transport.fetch(call, as: BuildView.self)
    }

    public func build(_ id: BuildID) async throws(APIClientError) -> BuildView {
        try await transport.fetch(Call(method: .GET, path: "\(APIPath.builds)/\(id)"), as: BuildView.self)
    }

    /// One page of builds, newest first.
    public func builds(_ filter: BuildFilter = BuildFilter()) async throws(APIClientError) -> Page<BuildView> {
        try await transport.fetch(
            Call(method: .GET, path: APIPath.builds, query: filter.query), as: Page<BuildView>.self)
    }

    /// Asks for the end of a build; repeating it changes nothing. Whether it has ended already, ``build(_:)`` tells.
    /// - Throws: ``APIClientError/refused(server:_:)`` with status 409 where the build has ended.
    public func cancel(_ id: BuildID) async throws(APIClientError) {
        _ = try await transport.fetch(Call(method: .POST, path: "\(APIPath.builds)/\(id)/cancel"))
    }

    /// Executes jobs once more.
    /// - Throws: ``APIClientError/refused(server:_:)`` with status 409 where there is nothing to execute.
    public func rerun(_ id: BuildID, _ scope: RerunScope) async throws(APIClientError) {
        let call = Call(
            method: .POST, path: "\(APIPath.builds)/\(id)/rerun",
            body: try transport.encode(["jobs": scope.rawValue]), isRepeatable: false)
        _ = try await transport.fetch(call)
    }

    /// Every worker that ever registered, by name.
    public func workers() async throws(APIClientError) -> [WorkerView] {
        try await transport.fetch(Call(method: .GET, path: APIPath.workers), as: Page<WorkerView>.self).items
    }
}
