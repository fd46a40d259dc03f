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
