import CTaskQueue

/// Runs every task of a simulation, piece by piece, on the thread that calls it, by a clock that only it moves.
///
/// A piece is what a task does between two `await`s that wait. Which of the ready pieces comes next is drawn from the
/// seed, so the same seed gives the same order of everything.
///
/// `@unchecked Sendable`: only the one thread that runs the simulation ever touches it.
final class Scheduler: @unchecked Sendable {
    private struct Ready {
        var job: UnsafeMutableRawPointer
        var node: Node
    }

    private struct Alarm {
        var due: Int64
        /// Of alarms for the same time the first that was set goes first.
        var order: Int
        var node: Node?
        var action: () -> Void
    }

    /// True time in milliseconds since 1970.
    private(set) var now: Int64
    var random: Randomness
    var trace: Trace
    /// Everything is over: whatever still waits is told so, in order to end.
    private(set) var isOver = false
    private(set) var steps = 0

    private var ready: [Ready] = []
    private var alarms: [Alarm] = []
    private var alarmCount = 0
    private var nodes: [UInt64: Node] = [:]
    private var current: Node
    private let outside = Node(name: "outside")

    init(seed: UInt64, start: Int64, listener: ((String) -> Void)?) {
        random = Randomness(seed: seed)
        trace = Trace(listener: listener)
        now = start
        current = outside
    }

    /// Takes this thread for `body`, which may spawn and step.
    func run(_ body: () -> Void) {
        mini_ci_take_jobs(
            { context, job, task in
                guard let context, let job else { return }
                Unmanaged<Scheduler>.fromOpaque(context).takeUnretainedValue().take(job, of: task)
            }, Unmanaged.passUnretained(self).toOpaque())
        defer { mini_ci_leave_jobs() }
        body()
    }

    /// Starts a task on a node; whatever it starts belongs to that node too.
    @discardableResult
    func spawn(on node: Node, _ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        let caller = current
        current = node
        defer { current = caller }
        return Task { await body() }
    }

    /// Does the next thing: a ready piece, else the next alarm.
    /// - Returns: `false` where there is nothing left to do.
    func step() -> Bool {
        steps += 1
        if let next = takeReady() {
            run(next)
            return true
        }
        guard let alarm = popAlarm() else { return false }
        now = max(now, alarm.due)
        if isOver || alarm.node?.isAlive ?? true { alarm.action() }
        return true
    }

    /// Calls `action` after so many milliseconds, unless `node` has crashed by then.
    func after(_ milliseconds: Int64, for node: Node? = nil, _ action: @escaping () -> Void) {
        alarmCount += 1
        push(Alarm(due: now + max(0, milliseconds), order: alarmCount, node: node, action: action))
    }

    /// Holds back everything of a node.
    func pause(_ node: Node) { node.isPaused = true }

    func resume(_ node: Node) {
        node.isPaused = false
        guard node.isAlive else { return }
        ready += node.held.map { Ready(job: $0, node: node) }
        node.held = []
    }

    func note(_ text: @autoclosure () -> String) { trace.add(at: now, text()) }

    /// From here on whoever waits is told to end.
    func beginEnd() { isOver = true }

    /// Lets what still waits come to its end, so that nothing of this run stays in memory.
    /// - Parameter remains: where some of it was left behind.
    func wind(up remains: [Node], limit: Int = 200_000) {
        for node in remains {
            ready += node.held.map { Ready(job: $0, node: node) }
            node.held = []
        }
        var left = limit
        while left > 0, step() { left -= 1 }
    }

    private func take(_ job: UnsafeMutableRawPointer, of task: UInt64) {
        let node = nodes[task] ?? current
        nodes[task] = node
        if !isOver, !node.isAlive || node.isPaused {
            node.held.append(job)
        } else {
            ready.append(Ready(job: job, node: node))
        }
    }

    /// Mostly in the order they became ready, now and then another one: both kinds of schedules find bugs.
    private func takeReady() -> Ready? {
        while !ready.isEmpty {
            let index = ready.count > 1 && random.next() % 4 == 0 ? random.pick(0...(ready.count - 1)) : 0
            let next = ready.remove(at: index)
            guard isOver || next.node.isAlive && !next.node.isPaused else {
                next.node.held.append(next.job)
                continue
            }
            return next
        }
        return nil
    }

    private func run(_ next: Ready) {
        current = next.node
        defer { current = outside }
        mini_ci_run_job(next.job)
    }

    // MARK: a binary heap of alarms

    private func push(_ alarm: Alarm) {
        alarms.append(alarm)
        var child = alarms.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            alarms.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private func popAlarm() -> Alarm? {
        guard let first = alarms.first else { return nil }
        let last = alarms.removeLast()
        guard !alarms.isEmpty else { return first }
        alarms[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < alarms.count && precedes(child, least) {
                least = child
            }
            if least == parent { return first }
            alarms.swapAt(parent, least)
            parent = least
        }
    }

    private func precedes(_ one: Int, _ other: Int) -> Bool {
        (alarms[one].due, alarms[one].order) < (alarms[other].due, alarms[other].order)
    }
}
