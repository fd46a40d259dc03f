import Synchronization

/// A fixed number of connections, opened when they are needed, each lent to one caller at a time.
///
/// Who comes first is served first. A connection that broke is replaced, after a growing pause while the server is
/// away.
final class PostgresPool: Sendable {
    struct Limits: Sendable {
        /// Connections open at once.
        var connections = 8
        /// Callers that may wait for one; beyond that they are refused at once.
        var waiting = 1_000
        /// How long a caller waits for one.
        var wait: Duration = .seconds(10)
        /// The longest pause between attempts to open a connection; the first is 50 ms, and they double.
        var longestPause: Duration = .seconds(2)
    }

    let configuration: PostgresConfiguration
    private let limits: Limits
    private let state: Mutex<PoolState>

    init(_ configuration: PostgresConfiguration, limits: Limits = Limits()) {
        self.configuration = configuration
        self.limits = limits
        state = Mutex(PoolState(limits: limits))
    }

    /// Runs a transaction on a connection of the pool: see ``PostgresConnection/transaction(_:)``. It also runs again,
    /// on another connection, when its own broke before the commit was sent.
    ///
    /// - Throws: `PostgresError`, `CancellationError`, or what `body` throws.
    func transaction<T: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> T) async throws -> T {
        try await retryingLoss { try await $0.transaction(body) }
    }

    /// Runs statements that each commit by themselves: see ``PostgresConnection/read(_:)``. `body` runs again, on
    /// another connection, when its own broke.
    ///
    /// - Throws: `PostgresError`, `CancellationError`, or what `body` throws.
    func read<T: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> T) async throws -> T {
        try await retryingLoss { try await $0.read(body) }
    }

    /// Lends a connection to `body`, alone.
    ///
    /// - Throws: `PostgresError.tooManyWaiting`, `.waitTimedOut`, `.closed` or `.cannotConnect` when there is none to
    ///   be had, `CancellationError`, or what `body` throws.
    func withConnection<T: Sendable>(_ body: @Sendable (PostgresConnection) async throws -> T) async throws -> T {
        let connection = try await acquire()
        defer { release(connection) }
        return try await body(connection)
    }

    /// Callers that wait for a connection now.
    var waitingCount: Int { state.withLock { $0.waitingCount } }

    /// Refuses new and waiting callers, and returns when those being served are done and every connection is closed.
    func close() async {
        let orders = state.withLock { $0.close() }
        carryOut(orders)
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { $0.whenEmpty(continuation) }
            if isEmpty { continuation.resume() }
        }
    }

    private func retryingLoss<T: Sendable>(
        _ work: @Sendable (PostgresConnection) async throws -> T
    ) async throws -> T {
        var attempt = 1
        while true {
            do {
                return try await withConnection(work)
            } catch let error as PostgresError where error.isConnectionLoss {
                if case .commitOutcomeUnknown = error { throw error }
                // Every idle connection may be dead at once after a restart, and each is found out by one attempt.
                guard attempt < configuration.transactionAttempts + limits.connections else { throw error }
                attempt += 1
            }
        }
    }
}

// MARK: - Lending

extension PostgresPool {
    private func acquire() async throws -> PostgresConnection {
        try Task.checkCancellation()
        let ticket: UInt64
        switch try state.withLock({ try $0.request() }) {
        case .ready(let connection): return connection
        case .wait(let number): ticket = number
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                carryOut(state.withLock { $0.enqueue(ticket, continuation, deadline: .now + limits.wait) })
                startWork()
                // The handler may have run before there was anyone to tell.
                if Task.isCancelled { giveUp(ticket) }
            }
        } onCancel: {
            giveUp(ticket)
        }
    }

    private func release(_ connection: PostgresConnection) {
        carryOut(state.withLock { $0.takeBack(connection) })
        startWork()
    }

    private func giveUp(_ ticket: UInt64) {
        state.withLock { $0.remove(ticket) }?.resume(throwing: CancellationError())
    }

    /// Does outside the lock what was decided within.
    private func carryOut(_ orders: [PoolState.Order]) {
        for order in orders {
            switch order {
            case .lend(let connection, let waiter): waiter.resume(returning: connection)
            case .refuse(let waiter, let error): waiter.resume(throwing: error)
            case .stop(let task): task.cancel()
            case .announceEmpty(let waiter): waiter.resume()
            case .hangUp(let connection):
                Task {
                    await connection.close()
                    carryOut(state.withLock { $0.hungUp() })
                }
            }
        }
    }
}

// MARK: - Opening and timing out

extension PostgresPool {
    private func startWork() {
        state.withLock { state in
            while let number = state.nextOpener() {
                state.openers[number] = Task { await open(number) }
            }
            if state.needsTimer { state.timer = Task { await expireWaiters() } }
        }
    }

    private func open(_ opener: UInt64) async {
        while let pause = state.withLock({ $0.pauseBeforeOpening(opener) }) {
            // Cancelled only when the pool closes, which the next look at the state tells.
            if pause > .zero { try? await Task.sleep(for: pause) }
            guard !Task.isCancelled else { continue }
            do {
                let connection = try await PostgresConnection.open(configuration)
                carryOut(state.withLock { $0.opened(opener, connection) })
                startWork()
                return
            } catch {
                carryOut(state.withLock { $0.openFailed(error) })
            }
        }
        carryOut(state.withLock { $0.emptied() })
    }

    /// Turns away those who waited too long. Ends when nobody waits.
    private func expireWaiters() async {
        while let deadline = state.withLock({ $0.nextDeadline() }) {
            try? await Task.sleep(until: deadline, clock: .continuous)
            carryOut(state.withLock { $0.expire(at: .now) })
        }
    }
}
