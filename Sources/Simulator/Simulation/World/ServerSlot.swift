import BuildDomain
import Orchestration

/// A server: the use cases over the shared store, as long as the process lives.
///
/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
final class ServerSlot: Slot, @unchecked Sendable {
    /// One life of the process.
    final class Process: @unchecked Sendable {
        let node: Node
        let hub = SignalHub()
        let services: Services
        /// Calls that wait for an answer of this process.
        var calls: [Call] = []
        var tasks: [Task<Void, Never>] = []

        init(node: Node, world: World) {
            self.node = node
            var retry = RetryPolicy.standard
            if world.settings.bug == .noRetryCap { (retry.systemRetries, retry.hardCap) = (.max, .max) }
            services = Services(
                store: SimulatedStore(world: world, node: node), hub: hub, surroundings: world.surroundings(of: node),
                limits: SubmitLimits(), leases: LeaseSettings(), retry: retry)
        }
    }

    let name: String
    private unowned let world: World
    private(set) var process: Process?

    init(number: Int, world: World) {
        name = "server-\(number)"
        self.world = world
    }

    func start() {
        guard process == nil else { return }
        let new = Process(node: world.makeNode(name), world: world)
        process = new
        world.scheduler.note("\(name) starts")
        let recover = new.services.recoverLostAttempts
        new.tasks.append(world.scheduler.spawn(on: new.node) { await recover.run { _ in } })
    }

    func crash(restartAfter pause: Int64) {
        guard let dead = process else { return }
        world.scheduler.note("\(name) crashes")
        dead.node.crash()
        process = nil
        for call in dead.calls { call.cut(after: Int64(world.scheduler.random.pick(0...50))) }
        dead.calls = []
        world.bury(dead.tasks)
        world.scheduler.after(pause) { [self] in start() }
    }

    func pause(for time: Int64) {
        guard let node = process?.node, !node.isPaused else { return }
        world.scheduler.note("\(name) stands still for \(time) ms")
        world.scheduler.pause(node)
        world.scheduler.after(time) { [world] in world.scheduler.resume(node) }
    }

    func heal() {
        if let node = process?.node { world.scheduler.resume(node) } else { start() }
    }

    /// What another connection has committed, as a database tells its listeners: soon, and seldom not at all.
    func hear(_ topics: Set<Topic>) {
        guard let process else { return }
        guard !world.strikes(.network, world.plan.requestLost) else { return }
        let delay = Int64(world.scheduler.random.pick(0...5))
        world.scheduler.after(delay, for: process.node) { process.hub.signal(topics) }
    }
}
