import GRDB
import GRDBSQLite
import Orchestration

extension SQLite {
    func begin() throws(StoreError) { try run("BEGIN IMMEDIATE") }

    /// - Throws: ``StoreError/outcomeUnknown(_:)`` where the disk failed under the commit itself.
    func commit() throws(StoreError) {
        guard isInTransaction else { throw Self.rolledBack }
        do { try run("COMMIT") } catch {
            let isFull = sqlite3_errcode(database.sqliteConnection) == SQLITE_FULL
            if isInTransaction { _ = try? run("ROLLBACK") }
            if isFull { throw error }
            throw .outcomeUnknown("\(error)")
        }
    }

    /// Runs `body` so that, when it throws, the transaction is as before.
    func inSavepoint<Answer>(
        _ body: (SQLite) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer {
        // A full disk makes SQLite roll everything back by itself; a savepoint would begin a transaction of its own
        // then.
        guard isInTransaction else { throw Self.rolledBack }
        try run("SAVEPOINT one_write")
        do {
            let answer = try body(self)
            try run("RELEASE one_write")
            return answer
        } catch {
            if isInTransaction {
                _ = try? run("ROLLBACK TO one_write")
                _ = try? run("RELEASE one_write")
            }
            throw error
        }
    }

    private static var rolledBack: StoreError {
        .unavailable("the transaction was rolled back: the disk is full or failing")
    }
}
