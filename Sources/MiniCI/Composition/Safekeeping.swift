import LocalMachine
import Logging
import Orchestration
import SQLiteStore

/// What `mini-ci backup` did.
public struct BackupReport: Sendable {
    /// Of the copy, in bytes.
    public var size: Int64
    /// The version of the copy's schema.
    public var schema: Int
    /// What stands in the way of using it with this binary, as a sentence; `nil` where nothing does.
    public var problem: String?
    public var duration: Duration
}

extension Shapes {
    /// Looks through everything that is stored, while servers may run.
    /// - Throws: ``StartupError`` that says what to do where there is nothing to look through.
    public static func withHistory<Answer: Sendable>(
        _ settings: Settings, _ body: (VerifyHistory) async throws -> Answer
    ) async throws -> Answer {
        let store = try await Databases.openExisting(settings, logger: quiet)
        let result: Result<Answer, any Error>
        do { result = .success(try await body(VerifyHistory(store: store))) } catch { result = .failure(error) }
        await store.close()
        return try result.get()
    }

    /// Copies the database of `up`, which may run meanwhile, to a file.
    /// - Parameters:
    ///   - replaces: whether the file may be there already.
    ///   - progress: told pages copied and pages in all.
    /// - Throws: ``StartupError`` that says what to do.
    public static func backup(
        _ settings: Settings, to target: String, replaces: Bool,
        progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void
    ) async throws -> BackupReport {
        guard settings.databaseURL == nil else {
            throw StartupError(
                """
                this copies the SQLite database of `mini-ci up`, and a PostgreSQL database is named \
                (--database-url or MINI_CI_DATABASE_URL)
                PostgreSQL has its own tool, which copies a database in use as of one moment: \
                pg_dump --format=custom --file=FILE DATABASE
                """)
        }
        let source = try Databases.existingFile(settings)
        let start = ContinuousClock.now
        do throws(StoreError) {
            let report = try await SQLiteBackup.copy(source, to: target, replaces: replaces, progress: progress)
            return BackupReport(
                size: report.size, schema: report.version, problem: report.problem,
                duration: ContinuousClock.now - start)
        } catch { throw StartupError("no backup was made: \(error.sentence)") }
    }
}
