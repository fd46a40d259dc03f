import Synchronization

/// One connection to PostgreSQL. Its executor is a thread of its own, which every call blocks until the server has
/// answered; the cooperative pool never waits for the network.
actor PostgresConnection {
    private nonisolated let executor: ThreadExecutor
    private nonisolated let canceller = PostgresCanceller()
    private nonisolated let broken = Atomic<Bool>(false)
    private let configuration: PostgresConfiguration
    private var link: PostgresLink?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// True once the connection cannot be used any more.
    nonisolated var isBroken: Bool { broken.load(ordering: .acquiring) }

    private init(_ configuration: PostgresConfiguration) throws {
        self.configuration = configuration
        executor = try ThreadExecutor(name: "postgres")
    }

    /// Connects.
    ///
    /// - Throws: `PostgresError.cannotConnect`.
    static func open(_ configuration: PostgresConfiguration) async throws -> PostgresConnection {
        let connection = try PostgresConnection(configuration)
        try await connection.connect()
        return connection
    }

    /// Hangs up. What is queued still ends, with `PostgresError.closed`.
    func close() {
        broken.store(true, ordering: .releasing)
        canceller.detach()
        link = nil
    }

    /// Runs `body` in a transaction on the connection's thread, so that nothing comes between its statements. The
    /// transaction is committed when `body` returns and rolled back when it throws.
    ///
    /// `body` runs again, a limited number of times, when the server rolled it back for a deadlock or a serialization
    /// failure: it must do nothing but use its session and compute. It begins with its first statement.
    ///
    /// - Throws: `PostgresError`, `CancellationError` when the task was cancelled, or what `body` throws.
    func transaction<T: Sendable>(_ body: @Sendable (PostgresSession) throws -> T) async throws -> T {
        try await retrying { session in try session.inTransaction(body) }
    }

    /// Runs `body` without a transaction: each statement sees what was committed before it. For reads.
    ///
    /// - Throws: `PostgresError`, `CancellationError` when the task was cancelled, or what `body` throws.
    func read<T: Sendable>(_ body: @Sendable (PostgresSession) throws -> T) async throws -> T {
        try await retrying(body)
    }

    private func connect() throws {
        let link = try PostgresLink(configuration)
        canceller.attach(link)
        self.link = link
    }

    private func retrying<T>(_ work: (PostgresSession) throws -> T) async throws -> T {
        var attempt = 1
        while true {
            do {
                return try await perform(work)
            } catch let error as PostgresError where attempt < configuration.transactionAttempts {
                guard shouldRetry(error) else { throw error }
            }
            // Spread out, so that those who collided do not collide again.
            try await Task.sleep(for: .microseconds(Int64.random(in: 500...4_000) << min(attempt, 6)))
            attempt += 1
        }
    }

    private func shouldRetry(_ error: PostgresError) -> Bool {
        guard !isBroken else { return false }
        if error.isStalePreparedStatement {
            link?.forgetPrepared()
            return true
        }
        return error.isConflict || (error.sqlState == "57014" && canceller.takeStray())
    }

    private func perform<T>(_ work: (PostgresSession) throws -> T) async throws -> T {
        try Task.checkCancellation()
        let link = try usableLink()
        defer { if !link.isAlive { broken.store(true, ordering: .releasing) } }
        do {
            return try await cancellable { try work(PostgresSession(link)) }
        } catch let error as PostgresError where error.sqlState == "57014" && Task.isCancelled {
            _ = canceller.takeStray()
            throw CancellationError()
        }
    }

    /// Nothing in here suspends: the awaiting is in name only, as the handler's operation is synchronous.
    private func cancellable<T>(_ work: () throws -> T) async throws -> T {
        let operation = canceller.begin()
        defer { canceller.end() }
        return try await withTaskCancellationHandler {
            // Named so that the closure belongs to this actor: one that does not capture it would be run by the
            // cooperative pool, and block that.
            preconditionIsolated()
            return try work()
        } onCancel: { [canceller] in
            canceller.cancel(operation)
        }
    }

    private func usableLink() throws -> PostgresLink {
        guard let link else { throw PostgresError.closed }
        guard link.checkAliveWhileIdle() else {
            broken.store(true, ordering: .releasing)
            throw PostgresError.connectionLost("the server hung up while the connection was idle")
        }
        if link.prepared.count > configuration.preparedStatementLimit { link.forgetPrepared() }
        return link
    }
}
