import APISchema
import BuildDomain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Orchestration

extension API {
    func submit(_ exchange: Exchange) async throws -> Response {
        let body: JSONValue = try await json(JSONValue.self, of: exchange)
        let request = try BuildRequest(reading: body)
        let key = exchange.request.headers[.idempotencyKey]
        let (build, isNew) = try await services.submitBuild(request.submission, key: key)
        return .build(build, isNew ? .created : .ok, headers: [.location: "\(APIPath.builds)/\(build.id)"])
    }

    func listBuilds(_ exchange: Exchange) async throws -> Response {
        let query = exchange.query
        var before: BuildID?
        if let cursor = query.text("cursor") {
            guard let id = Cursor.decode(cursor) else {
                throw APIFailure.invalidParameter("cursor", "must be the 'next_cursor' of an earlier page")
            }
            before = id
        }
        let limit = try query.integer("limit", in: 1...Int64(ReadBuilds.maximumLimit))
        let (builds, next) = try await services.readBuilds.list(
            BuildQuery(
                status: try query.choice("status"), repository: query.text("repo_url"), ref: query.text("ref"),
                before: before, limit: limit.map { Int($0) } ?? ReadBuilds.defaultLimit))
        let views = builds.map { BuildView($0) }
        return .json { $0.page(views, next: next.map(Cursor.encode)) { $0.value($1) } }
    }

    func showBuild(_ exchange: Exchange) async throws -> Response {
        let build = try await services.readBuilds.build(try exchange.id())
        return .build(build, waiting: try await services.explainWaiting(build))
    }

    func cancel(_ exchange: Exchange) async throws -> Response {
        .build(try await services.cancelBuild(try exchange.id()), .accepted)
    }

    func rerun(_ exchange: Exchange) async throws -> Response {
        let id: BuildID = try exchange.id()
        var reader = try ObjectReader(try await json(JSONValue.self, of: exchange), known: ["jobs"])
        let text = reader.text("jobs")
        try reader.check()
        guard let scope = RerunScope(rawValue: text) else {
            let all = RerunScope.allCases.map(\.rawValue).joined(separator: ", ")
            reader.note("jobs", "must be one of \(all); got \(text.debugDescription)")
            throw APIFailure.invalidBody(reader.problems)
        }
        return .build(try await services.rerunBuild(scope, of: id), .accepted)
    }

    func forceStatus(_ exchange: Exchange) async throws -> Response {
        let id: BuildID = try exchange.id()
        var reader = try ObjectReader(try await json(JSONValue.self, of: exchange), known: ["status"])
        let text = reader.text("status")
        try reader.check()
        guard let status = BuildStatus(rawValue: text) else {
            let all = BuildStatus.allCases.map(\.rawValue).joined(separator: ", ")
            reader.note("status", "must be one of \(all); got \(text.debugDescription)")
            throw APIFailure.invalidBody(reader.problems)
        }
        return .build(try await services.forceStatus(status, of: id))
    }
}

extension BuildRequest {
    /// - Throws: everything in the body that has the wrong shape; whether values make sense the use case says.
    fileprivate init(reading body: JSONValue) throws(APIFailure) {
        var reader = try ObjectReader(body, known: CodingKeys.allCases.map(\.rawValue))
        self.init(
            repoURL: reader.text("repo_url"), ref: reader.text("ref"), command: reader.text("command"),
            env: reader.dictionary("env"), labels: reader.texts("labels"), priority: reader.integer("priority"),
            timeoutSeconds: reader.integer("timeout_s"), maxAttempts: reader.integer("max_attempts"),
            queueTimeoutSeconds: reader.integer("queue_timeout_s"),
            stepTimeoutSeconds: reader.integer("step_timeout_s"),
            noOutputTimeoutSeconds: reader.integer("no_output_timeout_s"), retryOn: reader.retryRule("retry_on"))
        try reader.check()
    }
}
