import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Orchestration
import ServiceLifecycle

/// The HTTP API of a control plane. `docs/openapi.yaml` describes it.
///
/// On a graceful shutdown it stops accepting, ends log streams and long polls, and finishes the other requests. What is
/// not done when the limit is over is cut off.
public struct APIServer: Service {
    private let api: API
    private let onReady: @Sendable (Int) async -> Void

    /// - Parameter onReady: called once with the port it listens on.
    public init(
        services: Services, settings: APIServerSettings, logger: Logger,
        onReady: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        api = API(services: services, settings: settings, logger: logger)
        self.onReady = onReady
    }

    /// Serves until the graceful shutdown has ended.
    /// - Throws: where the address cannot be listened on.
    public func run() async throws {
        let onReady = onReady
        let application = Application(
            responder: Dispatcher(api: api),
            server: .http1(configuration: api.settings.limits.channel),
            configuration: ApplicationConfiguration(
                address: .hostname(api.settings.host, port: api.settings.port), backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    api.settings.limits.maximumConnections, logger: api.frameworkLogger)),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? 0) },
            logger: api.frameworkLogger)
        try await application.run()
    }
}

/// What handlers have at hand.
struct API: Sendable {
    let services: Services
    let settings: APIServerSettings
    let logger: Logger
    let streams: StreamGate
    let storeHealth: StoreHealth
    let startedAt = ContinuousClock.now

    init(services: Services, settings: APIServerSettings, logger: Logger) {
        self.services = services
        self.settings = settings
        self.logger = logger
        streams = StreamGate(limit: settings.limits.maximumStreams)
        storeHealth = StoreHealth(memory: settings.limits.readinessMemory, check: services.checkStore)
    }

    /// The framework reports its own start and stop as information; here that is a detail.
    fileprivate var frameworkLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .notice)
        return logger
    }
}

extension APIServerLimits {
    fileprivate var channel: HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionWatch(self)],
            idleTimeout: idleTimeout.timeAmount,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: maximumHeaderBytes, maxHeaderListSize: maximumHeaderBytes,
                maxHeaderFieldCount: maximumHeaderFields))
    }
}
