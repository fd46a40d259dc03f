import GRDB
import Orchestration

extension SQLiteStore {
    /// Reads a few rows on the caller's thread: they are in memory nearly always, and a hop to another thread and back
    /// takes longer than the query.
    func readNow<Answer>(_ body: (SQLite) throws(StoreError) -> Answer) throws(StoreError) -> Answer {
        let result: Result<Answer, StoreError>
        do {
            result = try pool.unsafeRead { database in
                Result { () throws(StoreError) in try body(SQLite(database)) }
            }
        } catch { throw StoreError(sqlite: error) }
        return try result.get()
    }

    /// Reads what may be much, off the caller's thread. Each statement sees one state of the database; two may see two.
    func read<Answer: Sendable>(
        _ body: @escaping @Sendable (SQLite) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        let result: Result<Answer, StoreError> = await withCheckedContinuation { continuation in
            pool.asyncUnsafeRead { access in
                do {
                    let sqlite = SQLite(try access.get())
                    continuation.resume(returning: Result { () throws(StoreError) in try body(sqlite) })
                } catch {
                    continuation.resume(returning: .failure(StoreError(sqlite: error)))
                }
            }
        }
        return try result.get()
    }
}
