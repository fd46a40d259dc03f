import Glibc
import Logging
import Orchestration
import ServiceLifecycle
import Synchronization
import UnixSignals
import Worker

/// Runs services and a worker until a signal: first the worker finishes its work while the API still answers, then
/// the services stop. A second signal cancels the work; one that finds no work to cancel ends the process at once.
enum Shutdown {
    /// - Parameters:
    ///   - listening: what the services tell when they answer; the worker does not begin before.
    ///   - limit: how long the services may take to stop.
    static func run(
        services: [any Service], worker: WorkerLoop?, listening: Listening, limit: Duration, logger: Logger
    ) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: services.map { .init(service: $0) }, logger: logger))
        let end = End(of: group, limit: limit, logger: logger)
        defer { end.isThere() }
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let obeying = Task { await obey(signals, worker: worker, end: end, logger: logger) }
        defer { obeying.cancel() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                // However the services end, there is no work without them.
                defer {
                    listening.isOver()
                    worker?.drain()
                }
                do { try await group.run() } catch { throw listening.failure(error) ?? error }
            }
            if let worker {
                tasks.addTask {
                    // One that cannot be asked should not have shown up among the workers.
                    guard await listening.begins() else { return }
                    do { try await worker.run() } catch {
                        await end.begin()
                        throw StartupError("the control plane does not accept this worker: \(error)")
                    }
                    await end.begin()
                }
            }
            try await tasks.waitForAll()
        }
    }

    private static func obey(
        _ signals: UnixSignalsSequence, worker: WorkerLoop?, end: End, logger: Logger
    ) async {
        var count = 0
        for await signal in signals {
            count += 1
            let running = worker?.runningCount ?? 0
            switch count {
            case 1:
                guard let worker else {
                    await end.begin()
                    continue
                }
                logger.info("draining after \(signal)", metadata: ["running": "\(running)"])
                if running > 0 { logger.notice("waiting for \(running) running jobs; the next signal cancels them") }
                worker.drain()
            case 2 where running > 0:
                logger.notice("canceling \(running) running jobs; the next signal ends this process at once")
                worker?.cancelAll()
            default:
                logger.notice("ending at once after \(signal)")
                // As if the signal had done it: what was acknowledged is stored, and supervisors end their programs.
                _exit(128 + signal.rawValue)
            }
        }
    }
}

/// The end of the services: asked for once, and not waited for without a limit.
private final class End: Sendable {
    /// When the limit is over connections are cut off, and what waited for them has this long to notice.
    private static let margin = Duration.seconds(3)

    private let group: ServiceGroup
    private let limit: Duration
    private let logger: Logger
    private let alarm = Mutex<Task<Void, Never>?>(nil)

    init(of group: ServiceGroup, limit: Duration, logger: Logger) {
        self.group = group
        self.limit = limit
        self.logger = logger
    }

    func begin() async {
        alarm.withLock { alarm in
            guard alarm == nil else { return }
            alarm = Task { [limit, logger] in
                do { try await Task.sleep(for: limit + Self.margin) } catch { return }
                // A call to a database that never answers cannot be taken back; the store survives this like a crash.
                logger.error("the shutdown took longer than its limit; ending at once", metadata: ["limit": "\(limit)"])
                _exit(EXIT_FAILURE)
            }
        }
        await group.triggerGracefulShutdown()
    }

    func isThere() { alarm.withLock { $0?.cancel() } }
}

/// Looks for lost attempts as long as the control plane runs.
struct Sweeper: Service {
    private let recover: RecoverLostAttempts
    private let logger: Logger

    init(_ recover: RecoverLostAttempts, logger: Logger) {
        self.recover = recover
        self.logger = logger
    }

    func run() async throws {
        let (recover, logger) = (recover, logger)
        await cancelWhenGracefulShutdown {
            await recover.run { report in
                switch report {
                case .lost(let attempts):
                    logger.warning(
                        "attempts of lost workers were ended", metadata: ["attempts": "\(attempts.map(\.attempt))"])
                case .ended(let builds):
                    logger.warning("builds were ended because nobody did in time", metadata: ["builds": "\(builds)"])
                case .failed(let error):
                    logger.warning("leases cannot be looked through", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
