import DequeModule

/// Who has which connection and who waits for one: the decisions of a pool, without doing anything about them.
struct PoolState {
    typealias Waiter = CheckedContinuation<PostgresConnection, any Error>

    /// What is to be done once the lock is given back.
    enum Order {
        case lend(PostgresConnection, Waiter)
        case refuse(Waiter, PostgresError)
        case hangUp(PostgresConnection)
        case stop(Task<Void, Never>)
        case announceEmpty(CheckedContinuation<Void, Never>)
    }

    enum Answer {
        case ready(PostgresConnection)
        case wait(ticket: UInt64)
    }

    private struct Entry {
        let waiter: Waiter
        let deadline: ContinuousClock.Instant
    }

    private let limits: PostgresPool.Limits
    private var idle: [PostgresConnection] = []
    private var lent = 0
    private var hangingUp = 0
    private var isClosed = false
    private var emptyWaiters: [CheckedContinuation<Void, Never>] = []

    /// Tickets in the order in which they came; one that is missing from `entries` was served or gave up.
    private var line: Deque<UInt64> = []
    private var entries: [UInt64: Entry] = [:]
    private var lastNumber: UInt64 = 0

    var openers: [UInt64: Task<Void, Never>] = [:]
    var timer: Task<Void, Never>?
    private var failures = 0
    private var hasConnected = false
    private var lastFailure: String?

    init(limits: PostgresPool.Limits) { self.limits = limits }

    var waitingCount: Int { entries.count }

    private var isEmpty: Bool { idle.isEmpty && lent == 0 && hangingUp == 0 && openers.isEmpty }
}

// MARK: - Callers

extension PoolState {
    mutating func request() throws(PostgresError) -> Answer {
        guard !isClosed else { throw .closed }
        if entries.isEmpty, let connection = idle.popLast() {
            lent += 1
            return .ready(connection)
        }
        guard entries.count < limits.waiting else { throw .tooManyWaiting(limit: limits.waiting) }
        lastNumber += 1
        return .wait(ticket: lastNumber)
    }

    /// Between the request and this a connection may have come free, or the pool may have been closed.
    mutating func enqueue(_ ticket: UInt64, _ waiter: Waiter, deadline: ContinuousClock.Instant) -> [Order] {
        guard !isClosed else { return [.refuse(waiter, .closed)] }
        line.append(ticket)
        entries[ticket] = Entry(waiter: waiter, deadline: deadline)
        guard let connection = idle.popLast() else { return [] }
        return lend(connection)
    }

    mutating func remove(_ ticket: UInt64) -> Waiter? {
        defer { trimLine() }
        return entries.removeValue(forKey: ticket)?.waiter
    }

    mutating func takeBack(_ connection: PostgresConnection) -> [Order] {
        lent -= 1
        guard !isClosed, !connection.isBroken else {
            hangingUp += 1
            return [.hangUp(connection)]
        }
        return lend(connection)
    }

    private mutating func lend(_ connection: PostgresConnection) -> [Order] {
        while let ticket = line.popFirst() {
            guard let entry = entries.removeValue(forKey: ticket) else { continue }
            lent += 1
            return [.lend(connection, entry.waiter)]
        }
        idle.append(connection)
        return []
    }

    private mutating func trimLine() {
        while let first = line.first, entries[first] == nil { line.removeFirst() }
    }
}

// MARK: - Time limits

extension PoolState {
    var needsTimer: Bool { timer == nil && !entries.isEmpty && !isClosed }

    /// All wait equally long, so whoever came first is due first.
    mutating func nextDeadline() -> ContinuousClock.Instant? {
        trimLine()
        guard let first = line.first, let entry = entries[first] else {
            timer = nil
            return nil
        }
        return entry.deadline
    }

    mutating func expire(at now: ContinuousClock.Instant) -> [Order] {
        var orders: [Order] = []
        trimLine()
        while let first = line.first, let entry = entries[first], entry.deadline <= now {
            entries[first] = nil
            orders.append(.refuse(entry.waiter, .waitTimedOut(limits.wait, lastFailure: lastFailure)))
            trimLine()
        }
        return orders
    }
}

// MARK: - Connections

extension PoolState {
    /// The number of one more task to open a connection, if another is wanted. While the server is away one tries.
    mutating func nextOpener() -> UInt64? {
        let wanted = failures > 0 ? min(entries.count, 1) : entries.count
        guard !isClosed, openers.count < wanted, idle.count + lent + openers.count < limits.connections else {
            return nil
        }
        lastNumber += 1
        return lastNumber
    }

    /// How long an opener has to wait before it tries, or `nil` when it is not wanted any more and has been dropped.
    mutating func pauseBeforeOpening(_ opener: UInt64) -> Duration? {
        guard !isClosed, !entries.isEmpty else {
            openers[opener] = nil
            return nil
        }
        guard failures > 0 else { return .zero }
        let pause = min(limits.longestPause, .milliseconds(50 << min(failures - 1, 10)))
        return pause * Double.random(in: 0.75...1)
    }

    mutating func opened(_ opener: UInt64, _ connection: PostgresConnection) -> [Order] {
        openers[opener] = nil
        failures = 0
        hasConnected = true
        lastFailure = nil
        guard !isClosed else {
            hangingUp += 1
            return [.hangUp(connection)]
        }
        return lend(connection)
    }

    /// Before the first success a failure most likely is a wrong setting: those who wait are told at once. After it the
    /// server is more likely restarting, and they wait for it until their time is up.
    mutating func openFailed(_ error: any Error) -> [Order] {
        failures += 1
        let failure = error as? PostgresError ?? .cannotConnect("\(error)")
        lastFailure = failure.description
        return hasConnected ? [] : refuseAll(failure)
    }

    private mutating func refuseAll(_ error: PostgresError) -> [Order] {
        let orders = line.compactMap { entries[$0] }.map { Order.refuse($0.waiter, error) }
        line.removeAll()
        entries.removeAll()
        return orders
    }
}

// MARK: - Closing

extension PoolState {
    mutating func close() -> [Order] {
        isClosed = true
        var orders = refuseAll(.closed)
        hangingUp += idle.count
        orders += idle.map { .hangUp($0) }
        idle = []
        orders += openers.values.map { .stop($0) }
        if let timer { orders.append(.stop(timer)) }
        return orders
    }

    mutating func hungUp() -> [Order] {
        hangingUp -= 1
        return emptied()
    }

    /// True when the pool holds nothing any more already; otherwise `waiter` is told when it does not.
    mutating func whenEmpty(_ waiter: CheckedContinuation<Void, Never>) -> Bool {
        if isEmpty { return true }
        emptyWaiters.append(waiter)
        return false
    }

    mutating func emptied() -> [Order] {
        guard isClosed, isEmpty else { return [] }
        defer { emptyWaiters = [] }
        return emptyWaiters.map { .announceEmpty($0) }
    }
}
