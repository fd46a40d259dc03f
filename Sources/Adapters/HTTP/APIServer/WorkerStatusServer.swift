import HTTPTypes
import Hummingbird
import Logging
import Orchestration
import ServiceLifecycle

/// What a worker tells of itself.
public struct WorkerStatus: Sendable {
    /// Attempts being executed now.
    public var running: Int
    public var isDraining: Bool

    public init(running: Int, isDraining: Bool) {
        self.running = running
        self.isDraining = isDraining
    }
}

/// The worker's own small server: `/healthz` and `/metrics`, without a token and without anything that changes
/// something.
public struct WorkerStatusServer: Service {
    private let worker: @Sendable () -> WorkerStatus
    private let host: String
    private let port: Int
    private let logger: Logger
    private let onReady: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - port: 0 takes any free one.
    ///   - onReady: told the port once it answers.
    public init(
        worker: @escaping @Sendable () -> WorkerStatus, host: String, port: Int, logger: Logger,
        onReady: @escaping @Sendable (Int) -> Void
    ) {
        self.worker = worker
        self.host = host
        self.port = port
        self.logger = logger
        self.onReady = onReady
    }

    public func run() async throws {
        let router = Router()
        let worker = worker
        router.get("healthz") { _, _ in
            Response(status: .ok, headers: [.contentType: "text/plain"], body: .init(byteBuffer: .init(string: "ok\n")))
        }
        router.get("metrics") { _, _ in
            var page = MetricsPage()
            let status = worker()
            page.begin("mini_ci_worker_attempts_running", type: "gauge", help: "Attempts being executed now.")
            page.add("mini_ci_worker_attempts_running", value: Double(status.running))
            page.begin("mini_ci_worker_draining", type: "gauge", help: "1 while the worker takes no new jobs.")
            page.add("mini_ci_worker_draining", value: status.isDraining ? 1 : 0)
            return Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4"],
                body: .init(byteBuffer: .init(string: page.text)))
        }
        let onReady = onReady
        let application = Application(
            router: router, configuration: .init(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in onReady(channel.localAddress?.port ?? 0) }, logger: logger)
        try await application.run()
    }
}
