import APIClient
import APIServer
import LocalMachine
import Logging
import Orchestration

/// The shapes mini-ci runs in. Each function puts adapters together and runs until it is told to stop.
public enum Shapes {
    /// One process: API, SQLite, worker. Runs until SIGTERM or SIGINT; running jobs may finish, a second signal cancels
    /// them, and one after that ends the process.
    /// - Parameter ready: called once the API answers.
    /// - Throws: ``StartupError`` where it cannot start.
    public static func up(
        _ settings: Settings, logger: Logger, ready: @escaping @Sendable (ReadyInfo) -> Void
    ) async throws {
        seal(logger)
        let disk = try LocalDiskAccess.openForUp(settings)
        let hub = SignalHub()
        let store = try await Databases.openForUp(settings, hub: hub)
        try await finally({ await store.close() }) {
            let services = Services(
                store: store, hub: hub, surroundings: .system, limits: SubmitLimits(settings),
                leases: LeaseSettings(settings))
            let tokenFile = try await AdminToken.ensure(in: settings.dataFolder, services: services)
            let worker = try makeWorker(settings, disk: disk, controlPlane: services.controlPlane, logger: logger)
            let listening = Listening(host: settings.host, port: settings.port)
            let server = APIServer(services: services, settings: apiSettings(settings), logger: logger) { port in
                let url = settings.url(port: port)
                do { try ServerURLFile.write(url, in: settings.dataFolder) } catch {
                    logger.warning("the server's address could not be written down", metadata: ["error": "\(error)"])
                }
                ready(ReadyInfo(url: url, dataFolder: settings.dataFolder, adminTokenFile: tokenFile))
                listening.hasBegun()
            }
            defer { ServerURLFile.remove(from: settings.dataFolder) }
            try await Shutdown.run(
                services: [server, Sweeper(services.recoverLostAttempts, logger: logger)], worker: worker,
                listening: listening, limit: .seconds(settings.shutdownSeconds), logger: logger)
        }
    }

    /// The control plane of a fleet: API over PostgreSQL. Runs until SIGTERM or SIGINT.
    /// - Throws: ``StartupError`` where it cannot start.
    public static func server(
        _ settings: Settings, logger: Logger, ready: @escaping @Sendable (ReadyInfo) -> Void
    ) async throws {
        seal(logger)
        ThisProcess.raiseFileLimit()
        let hub = SignalHub()
        let store = try await Databases.openForServer(settings, hub: hub, logger: logger)
        try await finally({ await store.close() }) {
            let services = Services(
                store: store, hub: hub, surroundings: .system, limits: SubmitLimits(settings),
                leases: LeaseSettings(settings))
            let listening = Listening(host: settings.host, port: settings.port)
            let server = APIServer(services: services, settings: apiSettings(settings), logger: logger) { port in
                ready(ReadyInfo(url: settings.url(port: port)))
                listening.hasBegun()
            }
            try await Shutdown.run(
                services: [server, Sweeper(services.recoverLostAttempts, logger: logger)], worker: nil,
                listening: listening, limit: .seconds(settings.shutdownSeconds), logger: logger)
        }
    }

    /// A worker of a fleet. Runs until SIGTERM or SIGINT; running jobs may finish, a second signal cancels them.
    /// - Throws: ``StartupError`` where it cannot start, or the server does not accept it.
    public static func worker(
        _ settings: Settings, logger: Logger, ready: @escaping @Sendable (ReadyInfo) -> Void
    ) async throws {
        seal(logger)
        let disk = try LocalDiskAccess.open(settings.workerFolder)
        let controlPlane = try Connections.controlPlane(settings)
        try await finally({ await controlPlane.shutdown() }) {
            let worker = try makeWorker(settings, disk: disk, controlPlane: controlPlane, logger: logger)
            let listening = Listening(host: settings.workerHost, port: settings.workerPort)
            let status = WorkerStatusServer(
                worker: worker.status, host: settings.workerHost, port: settings.workerPort, logger: logger
            ) { port in
                ready(ReadyInfo(url: "http://\(settings.workerHost):\(port)", dataFolder: settings.dataFolder))
                listening.hasBegun()
            }
            try await Shutdown.run(
                services: [status], worker: worker, listening: listening,
                limit: .seconds(settings.shutdownSeconds), logger: logger)
        }
    }
}

extension Shapes {
    /// What this process knows, builds of the same user may not read.
    private static func seal(_ logger: Logger) {
        guard let cause = ThisProcess.seal() else { return }
        logger.warning("other processes of this user can read this one's memory", metadata: ["error": "\(cause)"])
    }

    private static func apiSettings(_ settings: Settings) -> APIServerSettings {
        APIServerSettings(settings, fileLimit: ThisProcess.fileLimit)
    }
}

/// Runs `body`, and `cleanUp` after it however it ended.
private func finally(_ cleanUp: () async -> Void, _ body: () async throws -> Void) async throws {
    do { try await body() } catch {
        await cleanUp()
        throw error
    }
    await cleanUp()
}

/// What is told when a shape is ready.
public struct ReadyInfo: Sendable {
    /// Where it answers.
    public var url: String
    public var dataFolder: String?
    /// Where `up` keeps its admin token.
    public var adminTokenFile: String?

    public init(url: String, dataFolder: String? = nil, adminTokenFile: String? = nil) {
        self.url = url
        self.dataFolder = dataFolder
        self.adminTokenFile = adminTokenFile
    }
}

/// Why a shape did not start, as a sentence for the person at the terminal.
public struct StartupError: Error, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}
