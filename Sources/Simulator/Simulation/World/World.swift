import BuildDomain
import Logging
import MemoryStore
import Orchestration
import Worker

/// A control plane, its workers, its users and the wires between them, all simulated but for the code that is tried.
///
/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
final class World: @unchecked Sendable {
    let settings: SimulationSettings
    let scheduler: Scheduler
    let plan: FaultPlan
    let store: MemoryStore
    let checker: Checker
    private(set) var servers: [ServerSlot] = []
    private(set) var workers: [WorkerSlot] = []
    let user: Node
    /// Every process there ever was.
    private(set) var nodes: [Node] = []
    private(set) var faults: [FaultKind: Int] = [:]
    /// Users who have not seen the end of their build.
    var usersAtWork = 0
    /// What makes the tasks of crashed and living processes come to their end when all is over.
    var endings: [() -> Void] = []
    /// From here on nothing goes wrong any more.
    private(set) var isHealed = false
    private var isStoreAway = false

    init(settings: SimulationSettings, listener: ((String) -> Void)?) {
        self.settings = settings
        // The first of 2026, so that traces are easy to read.
        let scheduler = Scheduler(seed: settings.seed, start: 1_767_225_600_000, listener: listener)
        self.scheduler = scheduler
        plan = FaultPlan(settings.faults, &scheduler.random)
        user = Node(name: "user")
        let relay = Relay()
        store = MemoryStore(
            hub: SignalHub { relay.hear($0) }, clock: StoreClock(scheduler: scheduler, bug: settings.bug))
        checker = Checker(scheduler: scheduler, store: store)
        nodes = [user]
        relay.hear = { [unowned self] topics in committed(topics) }
        servers = (0..<settings.servers).map { ServerSlot(number: $0 + 1, world: self) }
        workers = (0..<settings.workers).map { WorkerSlot(number: $0 + 1, world: self) }
    }

    func start() {
        for server in servers { server.start() }
        for worker in workers { worker.start() }
    }

    func makeNode(_ name: String) -> Node {
        let error = plan.clockError
        let offset = error == 0 ? 0 : Int64(scheduler.random.pick(0...Int(2 * error))) - error
        let node = Node(name: name, clockOffset: offset)
        nodes.append(node)
        return node
    }

    func surroundings(of node: Node) -> Surroundings {
        Surroundings(
            timekeeper: NodeClock(scheduler: scheduler, node: node), entropy: NodeEntropy(scheduler: scheduler))
    }

    /// Whether something of that probability goes wrong now.
    func strikes(_ kind: FaultKind, _ probability: Double) -> Bool {
        guard !isHealed, scheduler.random.chance(probability) else { return false }
        count(kind)
        return true
    }

    func count(_ kind: FaultKind) { faults[kind, default: 0] += 1 }

    var storeIsAway: Bool { isStoreAway }

    /// Remembers tasks that will never run again, to end them when all is over.
    func bury(_ tasks: [Task<Void, Never>]) { endings.append { for task in tasks { task.cancel() } } }

    /// To be called at every step: lets processes die, stand still, and disks fill up.
    func strike() {
        guard !isHealed else { return }
        if strikes(.crash, plan.crash) { crashSomebody() }
        if strikes(.pause, plan.pause) { pauseSomebody() }
        if !isStoreAway, strikes(.store, plan.storeAway) {
            isStoreAway = true
            scheduler.note("store is away")
            scheduler.after(Int64(scheduler.random.pick(100...60_000))) { [self] in
                isStoreAway = false
                scheduler.note("store is back")
            }
        }
        if strikes(.disk, plan.diskFull) { scheduler.random.pick(from: workers)?.machine.fillDisk(for: 30_000) }
    }

    /// Ends all faults: who stood still goes on, who was dead comes back.
    func heal() {
        isHealed = true
        isStoreAway = false
        scheduler.note("healed")
        for slot in servers { slot.heal() }
        for slot in workers { slot.heal() }
    }

    /// Whether all builds have ended and everybody has seen it.
    var isDone: Bool {
        checker.isDone(builds: settings.builds) && usersAtWork == 0 && workers.allSatisfy { $0.machine.folders.isEmpty }
    }

    var leftovers: Int { workers.reduce(0) { $0 + $1.machine.folders.count } }

    /// Lets all tasks come to their end.
    func end() {
        scheduler.run {
            scheduler.beginEnd()
            for ending in endings { ending() }
            scheduler.wind(up: nodes)
        }
    }

    /// Whom a client reaches that asks for "the server"; `nil` where nobody answers.
    func server() -> ServerSlot? { scheduler.random.pick(from: servers) }

    private func crashSomebody() {
        let slots: [any Slot] = servers + workers
        scheduler.random.pick(from: slots)?.crash(restartAfter: Int64(scheduler.random.pick(0...40_000)))
    }

    private func pauseSomebody() {
        let slots: [any Slot] = servers + workers
        scheduler.random.pick(from: slots)?.pause(for: Int64(scheduler.random.pick(1000...60_000)))
    }

    private func committed(_ topics: Set<Topic>) {
        for case .build(let id) in topics { checker.committed(id) }
        for server in servers { server.hear(topics) }
    }
}

/// A place where a process runs, dies and is started again.
protocol Slot: AnyObject {
    func crash(restartAfter pause: Int64)
    func pause(for time: Int64)
    func heal()
}

/// Where the store's signals go.
///
/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
private final class Relay: @unchecked Sendable {
    var hear: (Set<Topic>) -> Void = { _ in }
}

/// Who asked for what a server does now.
enum Caller {
    @TaskLocal static var clockOffset: Int64 = 0
}

/// True time: it decides leases.
private struct StoreClock: Timekeeper {
    let scheduler: Scheduler
    let bug: PlantedBug?

    var now: Timestamp {
        let offset = bug == .leaseByWorkerClock ? Caller.clockOffset : 0
        return Timestamp(milliseconds: scheduler.now + offset)
    }

    func sleep(for duration: Duration) async throws(CancellationError) {}
}
