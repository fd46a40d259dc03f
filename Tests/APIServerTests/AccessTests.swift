import APISchema
import BuildDomain
import HTTPTypes
import NIOHTTP1
import Orchestration
import Testing

@testable import APIServer

@Suite struct AccessTests {
    /// The routes as `METHOD path`, and the roles that may use each.
    private static let matrix: [(route: String, roles: Set<Role>)] = [
        ("POST /api/v1/builds", [.admin, .user]),
        ("GET /api/v1/builds", [.admin, .user, .reader]),
        ("GET /api/v1/builds/{build}", [.admin, .user, .reader]),
        ("POST /api/v1/builds/{build}/cancel", [.admin, .user]),
        ("POST /api/v1/builds/{build}/rerun", [.admin, .user]),
        ("PATCH /api/v1/builds/{build}/status", [.admin, .user]),
        ("GET /api/v1/builds/{build}/logs", [.admin, .user, .reader]),
        ("GET /api/v1/builds/{build}/logs/stream", [.admin, .user, .reader]),
        ("GET /api/v1/workers", [.admin, .user, .reader]),
        ("GET /api/v1/tokens", [.admin]),
        ("POST /api/v1/tokens", [.admin]),
        ("DELETE /api/v1/tokens/{token}", [.admin]),
        ("POST /api/v1/worker/register", [.admin, .worker]),
        ("POST /api/v1/worker/claim", [.admin, .worker]),
        ("POST /api/v1/worker/renew", [.admin, .worker]),
        ("POST /api/v1/worker/report", [.admin, .worker]),
        ("POST /api/v1/worker/finish", [.admin, .worker]),
        ("POST /api/v1/worker/attempts/{attempt}/log", [.admin, .worker]),
    ]
    private static let open: Set = ["GET /", "GET /healthz", "GET /readyz", "GET /metrics", "GET /openapi.yaml"]

    @Test func theTableNamesEveryRoute() {
        let routes = Route.all(isDevelopment: true).map { "\($0.method.rawValue) \($0.path)" }
        #expect(Set(routes) == Set(Self.matrix.map(\.route)).union(Self.open))
        #expect(Set(routes).count == routes.count)
    }

    @Test func eachRoleMayDoExactlyWhatTheTableSays() async throws {
        try await TestServer.run {
            $0.isDevelopment = true
        } _: { server in
            for (route, roles) in Self.matrix {
                let parts = route.split(separator: " ")
                let path = String(parts[1].replacing(/\{\w+\}/, with: "01890000-0000-7000-8000-000000000000"))
                let method = HTTPMethod(rawValue: String(parts[0]))
                let none = try await server.call(method, path, as: nil)
                #expect(none.status == 401, "\(route)")
                #expect(none.headers.first(name: "www-authenticate")?.hasPrefix("Bearer") == true)
                _ = try none.problem()
                for role in Role.allCases {
                    let answer = try await server.call(method, path, as: role)
                    #expect((answer.status != 403 && answer.status != 401) == roles.contains(role), "\(route) \(role)")
                    guard !roles.contains(role) else { continue }
                    let problem = try answer.problem()
                    #expect(problem.type == "/problems/forbidden" && problem.detail.contains("admin"))
                }
            }
        }
    }

    @Test(arguments: ["Bearer nonsense", "Bearer", "bearer  ", "Basic YTpi", "mci_x", "", "Bearer \u{20}a b"])
    func aHeaderWithoutAValidTokenIsNone(header: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.call(.GET, APIPath.builds, as: nil, headers: [("Authorization", header)])
            #expect(answer.status == 401)
            _ = try answer.problem()
        }
    }

    @Test func withoutATokenNothingBelowAPITellsWhatIsThere() async throws {
        try await TestServer.run { server async throws in
            for path in ["/api", "/api/", "/api/v1/nothing", "/api/v2/builds"] {
                #expect(try await server.call(.GET, path, as: nil).status == 401)
                #expect(try await server.call(.GET, path).problem().status == 404)
            }
            #expect(try await server.call(.PUT, APIPath.builds, as: nil).status == 401)
        }
    }

    @Test func aRevokedTokenStopsWorkingAtOnce() async throws {
        try await TestServer.run { server in
            let made: TokenView = try await server.call(
                .POST, APIPath.tokens, json: #"{"name": "x", "role": "reader", "expires_in_s": 60}"#
            ).decode()
            let token = try #require(made.token)
            #expect(made.expiresAt.map { $0 > made.createdAt } == true)
            let use = {
                try await server.call(.GET, APIPath.builds, as: nil, headers: [("Authorization", "bearer \(token)")])
            }
            #expect(try await use().status == 200)
            #expect(try await server.call(.DELETE, "\(APIPath.tokens)/\(made.id)").status == 204)
            #expect(try await use().status == 401)
            #expect(try await server.call(.DELETE, "\(APIPath.tokens)/\(made.id)").status == 204)
            let list = try await server.call(.GET, APIPath.tokens)
            let tokens: Page<TokenView> = try list.decode()
            #expect(tokens.items.contains { $0.id == made.id && $0.revokedAt != nil })
            #expect(!list.text.contains(token) && tokens.items.allSatisfy { $0.token == nil })
        }
    }

    @Test(arguments: [
        (#"{"name": "", "role": "user"}"#, "name"), (#"{"name": "a", "role": "root"}"#, "role"),
        (#"{"name": "a", "role": "user", "expires_in_s": 0}"#, "expires_in_s"), (#"{"role": "user"}"#, "name"),
        (#"{"name": "a", "role": "user", "expires_in_s": 9223372036854775807}"#, "expires_in_s"),
        (#"{"name": "a", "role": "user", "rolle": "user"}"#, "rolle"), (#"{"name": "a\nb", "role": "user"}"#, "name"),
    ])
    func aRefusedTokenSaysWhy(json: String, field: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.call(.POST, APIPath.tokens, json: json)
            #expect(answer.status == 400)
            #expect(try answer.problem().errors?.contains { $0.field == field } == true)
        }
    }

    @Test func anIdThatIsNoneIsNotFound() async throws {
        try await TestServer.run { server async throws in
            for path in ["\(APIPath.tokens)/x", "\(APIPath.tokens)/01890000-0000-7000-8000-000000000000"] {
                #expect(try await server.call(.DELETE, path).problem().status == 404)
            }
            for path in ["x", "01890000-0000-7000-8000-000000000000", "", "..%2F.."] {
                #expect(try await server.call(.GET, "\(APIPath.builds)/\(path)").problem().status == 404)
            }
        }
    }
}
