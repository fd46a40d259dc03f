import BuildDomain
import Logging
import Orchestration
import Worker

/// A worker: the real loop on a simulated machine, as long as the process lives. The machine outlives it.
///
/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
final class WorkerSlot: Slot, @unchecked Sendable {
    let name: String
    let machine: SimulatedMachine
    private let id: WorkerID
    private unowned let world: World
    private var node: Node?
    private var task: Task<Void, Never>?

    init(number: Int, world: World) {
        name = "worker-\(number)"
        self.world = world
        machine = SimulatedMachine(world: world, name: "worker-\(number)")
        id = WorkerID(
            at: Timestamp(milliseconds: world.scheduler.now),
            random: (world.scheduler.random.next(), world.scheduler.random.next()))
    }

    func start() {
        guard node == nil else { return }
        let node = world.makeNode(name)
        self.node = node
        world.scheduler.note("\(name) starts")
        var settings = WorkerSettings(
            id: id, name: name, labels: [], capacity: 2, version: "0", hostEnvironment: [:],
            allowsLocalRepositories: false)
        settings.stopGrace = .seconds(2)
        let loop = WorkerLoop(
            settings: settings,
            ports: WorkerPorts(
                controlPlane: SimulatedNetwork(world: world, node: node), runner: machine.runner(on: node),
                source: machine.source(on: node), disk: machine.disk(), surroundings: world.surroundings(of: node)),
            logger: Logger(label: name) { _ in SwiftLogNoOpLogHandler() })
        task = world.scheduler.spawn(on: node) { [name, world = world as World] in
            do { try await loop.run() } catch {
                if !world.scheduler.isOver { world.checker.fail("\(name) ended: \(error)") }
            }
        }
        world.endings.append { loop.drain() }
    }

    func crash(restartAfter pause: Int64) {
        guard let dead = node else { return }
        world.scheduler.note("\(name) crashes")
        dead.crash()
        node = nil
        if let task { world.bury([task]) }
        world.scheduler.after(pause) { [self] in start() }
    }

    func pause(for time: Int64) {
        guard let node, !node.isPaused else { return }
        world.scheduler.note("\(name) stands still for \(time) ms")
        world.scheduler.pause(node)
        world.scheduler.after(time) { [world] in world.scheduler.resume(node) }
    }

    func heal() {
        machine.freeDisk()
        if let node { world.scheduler.resume(node) } else { start() }
    }
}
