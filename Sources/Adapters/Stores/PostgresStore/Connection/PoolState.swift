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

    struct Entry {
        let waiter: Waiter
        let deadline: ContinuousClock.Instant
    }

    let limits: PostgresPool.Limits
    var idle: [PostgresConnection] = []
    var lent = 0
    var hangingUp = 0
    var isClosed = false
    var emptyWaiters: [CheckedContinuation<Void, Never>] = []

    /// Tickets in the order in which they came; one that is missing from `entries` was served or gave up.
    var line: Deque<UInt64> = []
    var entries: [UInt64: Entry] = [:]
    var lastNumber: UInt64 = 0

    var openers: [UInt64: Task<Void, Never>] = [:]
    var timer: Task<Void, Never>?
    var failures = 0
    var hasConnected = false
    var lastFailure: String?

    init(limits: PostgresPool.Limits) { self.limits = limits }

    var waitingCount: Int { entries.count }

    var isEmpty: Bool { idle.isEmpty && lent == 0 && hangingUp == 0 && openers.isEmpty }
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

    mutating func lend(_ connection: PostgresConnection) -> [Order] {
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
