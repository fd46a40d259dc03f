import BuildDomain
import Logging
import Orchestration
import Synchronization

/// A worker: asks for jobs within its capacity, executes them, and renews their leases. The same in every shape.
public final class WorkerLoop: Sendable {
    private struct State {
        var running: [AttemptID: StopOrder] = [:]
        var isDraining = false
        var isCanceling = false
        var claiming: Task<[Assignment], any Error>?
        var registering: Task<Void, any Error>?
        /// The shortest lease that was ever handed out; renewals must be well within it, whatever was set here.
        var lease: Duration?
    }

    private let settings: WorkerSettings
    private let ports: WorkerPorts
    private let logger: Logger
    private let state = Mutex(State())
    /// Rings when an attempt ended or the worker is to drain.
    private let room = Doorbell()
    /// Rings when there is something to tell with the next renewal: other attempts, or that the worker drains.
    private let renewalDue = Doorbell()

    public init(settings: WorkerSettings, ports: WorkerPorts, logger: Logger) {
        self.settings = settings
        self.ports = ports
        self.logger = logger
    }

    /// Attempts being executed now.
    public var runningCount: Int { state.withLock { $0.running.count } }
    public var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Works until ``drain()`` was called and all work has ended.
    /// - Throws: ``ControlPlaneError/rejected(_:)`` where the control plane does not accept the worker at all.
    public func run() async throws(ControlPlaneError) {
        guard try await register() else { return }
        let renewing = Task { await renewLeases() }
        defer { renewing.cancel() }
        await withDiscardingTaskGroup { group in
            while let assignments = await claim() {
                for assignment in assignments { start(assignment, in: &group) }
            }
        }
        renewing.cancel()
        await renewing.value
        await sayGoodbye()
    }

    /// No new work; what runs may finish.
    public func drain() {
        let (registering, claiming) = state.withLock { state in
            state.isDraining = true
            return (state.registering, state.claiming)
        }
        registering?.cancel()
        claiming?.cancel()
        room.ring()
        // The control plane is told with the next renewal, and that is now.
        renewalDue.ring()
    }

    /// Stops all work now, as a cancel of the builds would, and whatever still starts: jobs may be on their way here.
    public func cancelAll() {
        let orders = state.withLock { state in
            state.isCanceling = true
            return Array(state.running.values)
        }
        for order in orders { order.stop(.canceled) }
    }

    /// - Returns: `false` when the worker was told to drain before it was registered.
    private func register() async throws(ControlPlaneError) -> Bool {
        let persist = Persistence(surroundings: ports.surroundings, limit: .seconds(Int64.max / 4096))
        let registering = Task {
            try await persist { () async throws(ControlPlaneError) in
                do throws(ControlPlaneError) { try await ports.controlPlane.register(registration) } catch {
                    if case .unavailable(let message) = error {
                        logger.warning("waiting for the control plane", metadata: ["error": "\(message)"])
                    }
                    throw error
                }
            }
        }
        let isTooLate = state.withLock { state in
            state.registering = registering
            return state.isDraining
        }
        if isTooLate { registering.cancel() }
        do { try await registering.value } catch {
            if isDraining { return false }
            throw error as? ControlPlaneError ?? .unavailable("\(error)")
        }
        logger.info("worker registered", metadata: ["worker": "\(settings.name)", "capacity": "\(settings.capacity)"])
        return true
    }

    /// Attempts that were handed out in an answer that never arrived are offered again at once, not when their lease
    /// ends. The worker stays known as draining until it counts as offline.
    private func sayGoodbye() async {
        do { try await ports.controlPlane.register(registration) } catch {
            logger.debug("the control plane did not hear the goodbye", metadata: ["error": "\(error)"])
        }
    }

    private var registration: WorkerRegistration {
        WorkerRegistration(
            id: settings.id, name: settings.name, labels: settings.labels, capacity: settings.capacity,
            version: settings.version, isDraining: isDraining, holding: state.withLock { Array($0.running.keys) })
    }

    /// Waits for free capacity and then for work. `nil` when draining.
    private func claim() async -> [Assignment]? {
        var pause = Persistence.firstPause
        while !isDraining, !Task.isCancelled {
            let free = settings.capacity - runningCount
            guard free > 0 else {
                await room.wait()
                continue
            }
            let request = ClaimRequest(
                worker: WorkerReference(id: settings.id, name: settings.name), labels: settings.labels, limit: free,
                waitMilliseconds: settings.claimWait.wholeMilliseconds)
            let claiming = Task { try await ports.controlPlane.claim(request) }
            let isTooLate = state.withLock { state in
                state.claiming = claiming
                return state.isDraining
            }
            if isTooLate { claiming.cancel() }
            switch await claiming.result {
            case .success(let assignments) where !assignments.isEmpty: return assignments
            case .success: pause = Persistence.firstPause
            case .failure(let error):
                if isDraining { return nil }
                logger.warning("no work can be asked for", metadata: ["error": "\(error)"])
                do { try await ports.surroundings.timekeeper.sleep(for: pause) } catch { return nil }
                pause = min(pause * 2, Persistence.longestPause)
            }
        }
        return nil
    }

    private func start(_ assignment: Assignment, in group: inout DiscardingTaskGroup) {
        let id = assignment.reference.attempt
        var logger = logger
        logger[metadataKey: "build"] = "\(assignment.reference.build)"
        logger[metadataKey: "job"] = "\(assignment.reference.job)"
        logger[metadataKey: "attempt"] = "\(id)"
        let order = StopOrder(grace: settings.stopGrace)
        let (isNew, isCanceling) = state.withLock { state in
            if state.running[id] != nil { return (false, state.isCanceling) }
            state.running[id] = order
            let lease = Duration.milliseconds(assignment.leaseMilliseconds)
            state.lease = min(state.lease ?? lease, lease)
            return (true, state.isCanceling)
        }
        guard isNew else { return }
        if isCanceling { order.stop(.canceled) }
        renewalDue.ring()
        let execution = AttemptExecution(
            assignment: assignment, settings: settings, ports: ports, stopOrder: order, logger: logger)
        group.addTask { [self] in
            logger.info("attempt started")
            await execution.run()
            logger.info("attempt ended")
            state.withLock { $0.running[id] = nil }
            room.ring()
        }
    }

    private func renewLeases() async {
        while !Task.isCancelled {
            let (orders, isDraining, lease) = state.withLock { ($0.running, $0.isDraining, $0.lease) }
            let interval = min(settings.renewInterval, lease.map { $0 / 3 } ?? settings.renewInterval)
            let held = orders.filter { $0.value.cause != .stale }
            let jitter = Int64(ports.surroundings.entropy.random() % 200)
            let request = RenewRequest(
                worker: settings.id, attempts: Array(held.keys),
                stopping: held.filter { $0.value.cause != nil }.map(\.key), isDraining: isDraining,
                waitMilliseconds: interval.wholeMilliseconds * (900 + jitter) / 1000)
            await renew(request)
        }
    }

    /// One renewal, held open by the control plane; ends early when the set of attempts changes.
    private func renew(_ request: RenewRequest) async {
        let call = Task {
            do { obey(try await ports.controlPlane.renew(request)) } catch {
                guard !Task.isCancelled else { return }
                logger.warning("leases were not renewed", metadata: ["error": "\(error)"])
                try? await ports.surroundings.timekeeper.sleep(for: .seconds(1))
            }
        }
        let watch = Task {
            await renewalDue.wait()
            // Jobs may come by the dozen; one renewal for all of them is enough.
            try? await ports.surroundings.timekeeper.sleep(for: .milliseconds(200))
            if !Task.isCancelled { call.cancel() }
        }
        await withTaskCancellationHandler {
            await call.value
        } onCancel: {
            call.cancel()
        }
        watch.cancel()
        await watch.value
    }

    private func obey(_ answers: [AttemptID: LeaseAnswer]) {
        let running = state.withLock { $0.running }
        for (attempt, answer) in answers {
            switch answer {
            case .held: continue
            case .cancel: running[attempt]?.stop(.canceled)
            case .stale: running[attempt]?.stop(.stale)
            }
        }
    }
}
