import Glibc
import Logging
import NIOCore
import Orchestration
import ServiceLifecycle
import UnixSignals
import Worker

/// Runs services and a worker until a signal: first the worker finishes its work while the API still answers, then
/// the services stop. A second signal cancels the work.
enum Shutdown {
    static func run(services: [any Service], worker: WorkerLoop?, logger: Logger) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: services.map { .init(service: $0) }, logger: logger))
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let obeying = Task { await obey(signals, worker: worker, group: group, logger: logger) }
        defer { obeying.cancel() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                // However the services end, there is no work without them.
                defer { worker?.drain() }
                do { try await group.run() } catch let error as IOError where error.errnoCode == EADDRINUSE {
                    throw StartupError(
                        "the port is in use by another process; choose another one (0 takes any that is free)")
                }
            }
            if let worker {
                tasks.addTask {
                    do { try await worker.run() } catch {
                        await group.triggerGracefulShutdown()
                        throw StartupError("the control plane does not accept this worker: \(error)")
                    }
                    await group.triggerGracefulShutdown()
                }
            }
            try await tasks.waitForAll()
        }
    }

    private static func obey(
        _ signals: UnixSignalsSequence, worker: WorkerLoop?, group: ServiceGroup, logger: Logger
    ) async {
        var count = 0
        for await signal in signals {
            count += 1
            guard let worker else {
                await group.triggerGracefulShutdown()
                continue
            }
            if count == 1 {
                let running = worker.runningCount
                logger.info("draining after \(signal)", metadata: ["running": "\(running)"])
                if running > 0 { logger.notice("waiting for \(running) running jobs; the next signal cancels them") }
                worker.drain()
            } else {
                logger.notice("canceling \(worker.runningCount) running jobs")
                worker.cancelAll()
            }
        }
    }
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
                case .failed(let error):
                    logger.warning("leases cannot be looked through", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
