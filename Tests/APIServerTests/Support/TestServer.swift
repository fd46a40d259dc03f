import APISchema
import APIServer
import AsyncHTTPClient
import BuildDomain
import Logging
import MemoryStore
import NIOCore
import NIOHTTP1
import Orchestration
import ServiceLifecycle

struct SystemTimekeeper: Timekeeper {
    var now: Timestamp { Timestamp(milliseconds: Int64(clockMilliseconds())) }

    func sleep(for duration: Duration) async throws(CancellationError) {
        do { try await Task.sleep(for: duration) } catch { throw CancellationError() }
    }
}

struct SystemEntropy: Entropy {
    func random() -> UInt64 { .random(in: .min ... .max) }
}

/// The API on a free port of loopback, over a store in memory, with a token of each role.
struct TestServer: Sendable {
    let port: Int
    let services: Services
    let hub: SignalHub
    let client: HTTPClient
    let tokens: [Role: String]
    let shutDown: @Sendable () async -> Void

    var base: String { "http://127.0.0.1:\(port)" }

    /// Starts a server, and ends it gracefully after `body`.
    static func run(
        over world: TestWorld = TestWorld(), _ adjust: (inout APIServerSettings) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        var settings = APIServerSettings()
        settings.port = 0
        settings.workerOfflineAfter = .seconds(60)
        adjust(&settings)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (ports, announce) = AsyncStream<Int>.makeStream()
        let api = APIServer(services: world.services, settings: settings, logger: logger) { announce.yield($0) }
        let group = ServiceGroup(configuration: .init(services: [api], logger: logger))
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .init(decompression: .disabled))
        let running = Task { try await group.run() }
        do {
            guard let port = await ports.first(where: { _ in true }) else { throw NotStarted() }
            let server = TestServer(
                port: port, services: world.services, hub: world.hub, client: client,
                tokens: try await world.makeTokens(), shutDown: { await group.triggerGracefulShutdown() })
            try await body(server)
        } catch {
            await group.triggerGracefulShutdown()
            _ = try? await running.value
            try? await client.shutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await client.shutdown()
        try await running.value
    }

    struct NotStarted: Error {}
}

/// A store and the use cases over it; outlives servers, so that one can be restarted.
struct TestWorld: Sendable {
    let hub = SignalHub()
    let store: SwitchedStore
    let services: Services

    init(_ adjust: (inout LeaseSettings) -> Void = { _ in }) {
        store = SwitchedStore(MemoryStore(hub: hub, clock: SystemTimekeeper()))
        var limits = SubmitLimits()
        limits.allowsLocalRepositories = true
        var leases = LeaseSettings()
        adjust(&leases)
        services = Services(
            store: store, hub: hub,
            surroundings: Surroundings(timekeeper: SystemTimekeeper(), entropy: SystemEntropy()), limits: limits,
            leases: leases)
    }

    func makeTokens() async throws -> [Role: String] {
        var tokens: [Role: String] = [:]
        for role in Role.allCases {
            tokens[role] = try await services.manageTokens.create(name: "\(role)", role: role, lifetime: nil)
                .text.description
        }
        return tokens
    }
}
