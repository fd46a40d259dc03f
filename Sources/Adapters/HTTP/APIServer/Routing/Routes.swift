import APISchema
import BuildDomain
import HTTPTypes
import Hummingbird

/// Every route there is; `docs/openapi.yaml` describes the same.
extension Route {
    static func all(isDevelopment: Bool) -> [Route] {
        builds + logs + administration + workers + system + (isDevelopment ? development : [])
    }

    private static let build = APIPath.builds + "/{build}"

    private static let builds = [
        Route(method: .post, path: APIPath.builds, access: .bearer(of: .write)) { try await $0.submit($1) },
        Route(
            method: .get, path: APIPath.builds, access: .bearer(of: .read),
            parameters: ["status", "repo_url", "ref", "limit", "cursor"]
        ) { try await $0.listBuilds($1) },
        Route(method: .get, path: build, access: .bearer(of: .read)) { try await $0.showBuild($1) },
        Route(method: .post, path: build + "/cancel", access: .bearer(of: .write)) { try await $0.cancel($1) },
        Route(method: .post, path: build + "/rerun", access: .bearer(of: .write)) { try await $0.rerun($1) },
    ]

    private static let logs = [
        Route(
            method: .get, path: build + "/logs", access: .bearer(of: .read),
            parameters: ["job", "attempt", "step", "from_line", "limit"]
        ) { try await $0.readLog($1) },
        Route(
            method: .get, path: build + "/logs/stream", access: .bearer(of: .read),
            parameters: ["job", APIParameter.fromAttempt, "last_event_id"]
        ) { try await $0.followLog($1) },
    ]

    private static let administration = [
        Route(method: .get, path: APIPath.workers, access: .bearer(of: .read)) { api, _ in try await api.listWorkers()
        },
        Route(method: .get, path: APIPath.tokens, access: .bearer(of: .administer)) { api, _ in
            try await api.listTokens()
        },
        Route(method: .post, path: APIPath.tokens, access: .bearer(of: .administer)) { try await $0.createToken($1) },
        Route(method: .delete, path: APIPath.tokens + "/{token}", access: .bearer(of: .administer)) {
            try await $0.revokeToken($1)
        },
    ]

    private static let workers = [
        Route(method: .post, path: APIPath.worker + "/register", access: .bearer(of: .work)) {
            try await $0.registerWorker($1)
        },
        Route(method: .post, path: APIPath.worker + "/claim", access: .bearer(of: .work)) { try await $0.claim($1) },
        Route(method: .post, path: APIPath.worker + "/renew", access: .bearer(of: .work)) { try await $0.renew($1) },
        Route(method: .post, path: APIPath.worker + "/report", access: .bearer(of: .work)) { try await $0.report($1) },
        Route(method: .post, path: APIPath.worker + "/finish", access: .bearer(of: .work)) { try await $0.finish($1) },
        Route(method: .post, path: APIPath.worker + "/attempts/{attempt}/log", access: .bearer(of: .work)) {
            try await $0.appendLog($1)
        },
    ]

    private static let system = [
        Route(method: .get, path: "/", access: .everybody) { api, _ in api.pointer() },
        Route(method: .get, path: "/healthz", access: .everybody) { api, _ in api.health() },
        Route(method: .get, path: "/readyz", access: .everybody) { api, _ in try await api.readiness() },
        Route(method: .get, path: "/metrics", access: .metrics) { api, _ in try await api.showMetrics() },
        Route(method: .get, path: "/openapi.yaml", access: .everybody) { api, _ in api.showDescription() },
    ]

    private static let development = [
        Route(method: .patch, path: build + "/status", access: .bearer(of: .write)) { try await $0.forceStatus($1) }
    ]
}
