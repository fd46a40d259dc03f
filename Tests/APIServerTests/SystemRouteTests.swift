import APISchema
import AsyncHTTPClient
import BuildDomain
import HTTPTypes
import Foundation
import NIOHTTP1
import Orchestration
import Testing
import Yams

@testable import APIServer

@Suite struct SystemRouteTests {
    @Test func healthNeedsNoStoreAndReadinessDoes() async throws {
        let world = TestWorld()
        try await TestServer.run(over: world) {
            $0.limits.readinessMemory = .zero
        } _: { server in
            for path in ["/healthz", "/readyz"] {
                let answer = try await server.call(.GET, path, as: nil)
                #expect(answer.status == 200 && answer.text == #"{"status":"ok"}"#)
            }
            world.store.fail(with: .unavailable("password=hunter2 at db.internal"))
            #expect(try await server.call(.GET, "/healthz", as: nil).status == 200)
            for path in ["/readyz", APIPath.workers, "/metrics"] {
                let answer = try await server.call(.GET, path)
                #expect(answer.status == 503 && answer.headers.first(name: "retry-after") != nil, "\(path)")
                #expect(try answer.problem().type == "/problems/unavailable")
                #expect(!answer.text.contains("hunter2"))
            }
            world.store.fail(with: .broken("secret table"))
            let broken = try await server.call(.GET, "/readyz")
            #expect(broken.status == 500 && !broken.text.contains("secret"))
            #expect(try broken.problem().type == "/problems/internal")
            world.store.fail(with: .outcomeUnknown("x"))
            #expect(try await server.call(.GET, "/readyz").problem().status == 503)
        }
    }

    @Test(arguments: [nil, StoreError.unavailable("away")])
    func theStoreIsAskedForReadinessOnlyNowAndThen(first: StoreError?) async throws {
        let world = TestWorld()
        try await TestServer.run(over: world) {
            $0.limits.readinessMemory = .seconds(3600)
        } _: { server in
            world.store.fail(with: first)
            let status = try await server.call(.GET, "/readyz", as: nil).status
            #expect(status == (first == nil ? 200 : 503))
            world.store.fail(with: first == nil ? .unavailable("away") : nil)
            #expect(try await server.call(.GET, "/readyz", as: nil).status == status)
        }
    }

    @Test func whoAsksWhileTheStoreIsAskedWaitsForTheSameAnswer() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let count = Shared(0)
        let health = StoreHealth(memory: .seconds(3600)) {
            count.change { $0 += 1 }
            for await _ in gate { break }
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<20 { tasks.addTask { try await health() } }
            while count.get() == 0 { await Task.yield() }
            open.finish()
            try await tasks.waitForAll()
        }
        #expect(count.get() == 1)
    }

    @Test func wrongMethodsAndPathsAreTold() async throws {
        try await TestServer.run { server in
            let table: [(HTTPMethod, String, String)] = [
                (.PUT, "/api/v1/builds", "GET, HEAD, POST"), (.DELETE, "/api/v1/builds/x", "GET, HEAD"),
                (.GET, "/api/v1/worker/claim", "POST"), (.POST, "/healthz", "GET, HEAD"), (.OPTIONS, "/", "GET, HEAD"),
                (.TRACE, "/metrics", "GET, HEAD"), (.PURGE, "/api/v1/tokens", "GET, HEAD, POST"),
                (.PATCH, "/api/v1/tokens/x", "DELETE"), (.HEAD, "/api/v1/worker/renew", "POST"),
            ]
            for (method, path, allow) in table {
                let answer = try await server.call(method, path)
                #expect(answer.status == 405 && answer.headers.first(name: "allow") == allow, "\(method) \(path)")
                if method != .HEAD { #expect(try answer.problem().detail.contains(allow)) }
            }
            for path in ["/nothing", "/healthz/", "//", "/api/v1/builds/x/logs/stream/y"] {
                #expect(try await server.call(.GET, path).problem().status == 404)
            }
            #expect(try await server.call(.GET, "/healthz?x=1").problem().status == 400)
        }
    }

    @Test func headIsGetWithoutTheBody() async throws {
        try await TestServer.run { server in
            let build = try await server.submit()
            for path in [
                "/", "/metrics", "/openapi.yaml", "\(APIPath.builds)/\(build.id)", "\(APIPath.builds)/\(build.id)/logs",
            ] {
                let answer = try await server.call(.HEAD, path)
                #expect(answer.status == 200 && answer.body.isEmpty, "\(path)")
            }
        }
    }

    @Test func requestsHaveIds() async throws {
        try await TestServer.run { server in
            let given = try await server.call(.GET, "/healthz", headers: [("X-Request-Id", "abc-1.2_3")])
            #expect(given.headers.first(name: "x-request-id") == "abc-1.2_3")
            for bad in ["", "a b", String(repeating: "a", count: 65), "ä"] {
                let answer = try await server.call(.GET, "/healthz", headers: [("X-Request-Id", bad)])
                let id = try #require(answer.headers.first(name: "x-request-id"))
                #expect(id != bad && id.count > 10)
            }
        }
    }

    @Test func metricsAreForThisMachineAndForReaders() async throws {
        try await TestServer.run { server in
            _ = try await server.submit()
            _ = try await server.call(.PURGE, "/some/path/of/a/client")
            let page = try await server.call(.GET, "/metrics", as: nil)
            #expect(page.status == 200)
            #expect(page.headers.first(name: "content-type")?.hasPrefix("text/plain; version=0.0.4") == true)
            for sample in [
                #"mini_ci_builds{status="pending"} 1"#, #"mini_ci_builds{status="failed"} 0"#, "mini_ci_queue_depth 1",
                "mini_ci_queue_oldest_age_seconds ", "mini_ci_log_streams 0", "process_resident_memory_bytes ",
                #"mini_ci_http_request_duration_seconds_count{method="POST",route="/api/v1/builds",status="201"} 1"#,
                #"mini_ci_http_request_duration_seconds_count{method="other",route="none",status="404"} 1"#,
            ] {
                #expect(page.text.contains("\n" + sample), "\(sample)")
            }
            let proxied = [("X-Forwarded-For", "203.0.113.9")]
            #expect(try await server.call(.GET, "/metrics", as: nil, headers: proxied).status == 401)
            #expect(try await server.call(.GET, "/metrics", as: .worker, headers: proxied).status == 403)
            #expect(try await server.call(.GET, "/metrics", as: .reader, headers: proxied).status == 200)
        }
    }

    @Test func theDescriptionIsServedAndNamesEveryRoute() async throws {
        let served = Shared("")
        try await TestServer.run { server in
            let answer = try await server.call(.GET, "/openapi.yaml", as: nil)
            #expect(answer.headers.first(name: "content-type") == "application/yaml")
            served.set(answer.text)
        }
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/openapi.yaml")
        #expect(try served.get() == String(contentsOf: file, encoding: .utf8))
        let document = try #require(try Yams.load(yaml: served.get()) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let methods: Set = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]
        let described = paths.flatMap { path, item in
            item.keys.filter(methods.contains).map { "\($0.uppercased()) \(path)" }
        }
        let routes = Route.all(isDevelopment: true)
        #expect(Set(described) == Set(routes.map { "\($0.method.rawValue) \($0.path)" }))
        let shared = document["components"] as? [String: [String: Any]]
        for route in routes {
            let operation = paths[route.path]?[route.method.rawValue.lowercased()] as? [String: Any]
            let parameters = operation?["parameters"] as? [[String: Any]] ?? []
            let names = parameters.compactMap { parameter -> String? in
                let name = (parameter["$ref"] as? String).flatMap { $0.split(separator: "/").last }
                let resolved = name.flatMap { shared?["parameters"]?[String($0)] as? [String: Any] } ?? parameter
                return resolved["in"] as? String == "query" ? resolved["name"] as? String : nil
            }
            #expect(Set(names) == Set(route.parameters), "\(route.path)")
        }
    }
}
