import APISchema
import BuildDomain
import Hummingbird
import HummingbirdCore
import Orchestration

extension API {
    func listTokens() async throws -> Response {
        let views = try await services.manageTokens.list().map { TokenView($0) }
        return .json { $0.page(views, next: nil) { $0.value($1) } }
    }

    func createToken(_ exchange: Exchange) async throws -> Response {
        let body = try await json(JSONValue.self, of: exchange)
        var reader = try ObjectReader(body, known: ["name", "role", "expires_in_s"])
        let name = reader.text("name")
        let roleName = reader.text("role")
        let seconds = reader.integer("expires_in_s")
        try reader.check()
        guard let role = Role(rawValue: roleName) else {
            let all = Role.allCases.map(\.rawValue).joined(separator: ", ")
            reader.note("role", "must be one of \(all); got \(roleName.debugDescription)")
            throw APIFailure.invalidBody(reader.problems)
        }
        let (text, token) = try await services.manageTokens.create(
            name: name, role: role, lifetime: seconds.map { .seconds($0) })
        let view = TokenView(token, text: text.description)
        return .json(.created) { $0.value(view) }
    }

    func revokeToken(_ exchange: Exchange) async throws -> Response {
        try await services.manageTokens.revoke(try exchange.id())
        services.authenticate.forget()
        return .nothing
    }

    func listWorkers() async throws -> Response {
        let (now, workers) = try await services.readBuilds.workers()
        let views = workers.map {
            WorkerView($0.worker, running: $0.running, now: now, offlineAfter: settings.workerOfflineAfter)
        }
        return .json { $0.page(views, next: nil) { $0.value($1) } }
    }
}
