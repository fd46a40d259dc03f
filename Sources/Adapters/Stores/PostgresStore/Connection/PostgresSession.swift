/// What a transaction's body works with. It is only usable on the connection's thread and only until the body returns,
/// which the compiler sees to: it is not `Sendable`, and the body is synchronous.
final class PostgresSession {
    private enum Phase {
        /// Each statement commits by itself.
        case reading
        /// A transaction that will begin together with its first statements.
        case beginning
        case open
        /// Committed, or lost with its connection.
        case ended
    }

    private static let begin = PostgresStatement("BEGIN")
    private static let commit = PostgresStatement("COMMIT")

    private let link: PostgresLink
    private var phase: Phase = .reading

    init(_ link: PostgresLink) { self.link = link }

    /// Runs one statement, which is prepared once per connection.
    ///
    /// - Throws: `PostgresError`.
    func query(_ sql: String, _ parameters: [PostgresValue] = []) throws -> PostgresResult {
        let statement = PostgresStatement(sql, parameters)
        if phase == .reading || phase == .open { return try link.run(statement) }
        guard let result = try pipeline([statement]).first else { throw PostgresError.misuse("no result") }
        return result
    }

    /// Like ``query(_:_:)``, for what returns no rows.
    ///
    /// - Returns: the number of rows that were affected.
    @discardableResult
    func execute(_ sql: String, _ parameters: [PostgresValue] = []) throws -> Int {
        try query(sql, parameters).affectedRows
    }

    /// Runs statements in one round trip and gives their results in the same order.
    ///
    /// - Throws: the `PostgresError` of the first that failed; those after it did not run, and within a transaction
    ///   nothing more can.
    func pipeline(_ statements: [PostgresStatement]) throws -> [PostgresResult] {
        guard !statements.isEmpty else { return [] }
        switch phase {
        case .reading, .open:
            return try results(of: statements)
        case .beginning:
            phase = .open
            return Array(try results(of: [PostgresSession.begin] + statements).dropFirst())
        case .ended:
            throw PostgresError.misuse("the transaction has ended")
        }
    }

    /// Runs the transaction's last statements and commits it, in one round trip. Without this the transaction is
    /// committed when its body returns, by a round trip of its own.
    ///
    /// - Throws: `PostgresError`; `commitOutcomeUnknown` when the connection broke with the commit under way.
    @discardableResult
    func commit(_ statements: [PostgresStatement] = []) throws -> [PostgresResult] {
        guard phase == .beginning || phase == .open else {
            throw PostgresError.misuse("there is no transaction to commit")
        }
        if phase == .beginning && statements.isEmpty {
            phase = .ended
            return []
        }
        let first = phase == .beginning ? [PostgresSession.begin] : []
        phase = .open
        var results = try commitBatch(first + statements + [PostgresSession.commit])
        // The server answers the commit of a failed transaction with a cheerful ROLLBACK.
        guard results.popLast()?.commandTag == "COMMIT" else {
            phase = .ended
            throw PostgresError.misuse("the transaction was rolled back, because a failed statement was passed over")
        }
        phase = .ended
        return Array(results.dropFirst(first.count))
    }

    /// Runs statements separated by semicolons, without parameters: for migrations.
    ///
    /// - Throws: `PostgresError`.
    func script(_ sql: String) throws {
        if phase == .beginning {
            phase = .open
            try link.script("BEGIN")
        }
        guard phase != .ended else { throw PostgresError.misuse("the transaction has ended") }
        try link.script(sql)
    }

    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws.
    func inTransaction<T>(_ body: (PostgresSession) throws -> T) throws -> T {
        phase = .beginning
        defer { phase = .reading }
        do {
            let value = try body(self)
            if phase != .ended { try commit() }
            return value
        } catch {
            rollBack()
            throw error
        }
    }

    private func commitBatch(_ batch: [PostgresStatement]) throws -> [PostgresResult] {
        do {
            return try link.run(batch)
        } catch {
            guard error.error.isConnectionLoss else { throw error.error }
            phase = .ended
            // Unless the server itself said that a statement before the commit failed, it may have got that far.
            let isRolledBack = error.error.report != nil && error.index < batch.count - 1
            throw isRolledBack ? error.error : .commitOutcomeUnknown(error.error.description)
        }
    }

    private func results(of statements: [PostgresStatement]) throws -> [PostgresResult] {
        do { return try link.run(statements) } catch { throw error.error }
    }

    private func rollBack() {
        guard link.isAlive, !link.isIdle else { return }
        // A cancellation that came late may hit the first try.
        for _ in 1...2 where link.isAlive && !link.isIdle { try? link.script("ROLLBACK") }
        if !link.isIdle { link.isPoisoned = true }
    }
}
