import BuildDomain
import GRDB
import Dispatch
import Orchestration

/// Copies a database file while others, also of another process, write to it.
///
/// By SQLite's online backup and not by `VACUUM INTO`: it copies page by page at the disk's speed and in little memory,
/// says how far it is, and leaves the pages as they are, so that the check of the copy tells of the original, too.
/// `VACUUM INTO` would read every row and build every index anew, and takes several times as long.
public enum SQLiteBackup {
    /// What a copy turned out to be.
    public struct Report: Sendable, Hashable {
        /// Of the copy, in bytes.
        public var size: Int64
        /// The newest migration in it.
        public var version: Int
        /// What stands in the way of using it with this binary, as a sentence; `nil` where nothing does.
        public var problem: String?
    }

    /// Writes beside `target` and renames what was checked and is on the disk, so that nobody ever reads half of it.
    /// - Parameters:
    ///   - source: the path of the database; it is only read.
    ///   - target: the path of the copy, made with mode 0600.
    ///   - replaces: whether there may be a file already.
    ///   - pagesPerStep: how many pages are copied between two calls of `progress`.
    ///   - progress: told pages copied and pages in all.
    /// - Throws: ``StoreError/unavailable(_:)`` where files stand in the way, ``StoreError/broken(_:)`` where the copy
    ///   is not sound; nothing is left behind then.
    public static func copy(
        _ source: String, to target: String, replaces: Bool, pagesPerStep: Int32 = 2048,
        progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) async throws(StoreError) -> Report {
        let result: Result<Report, StoreError> = await withCheckedContinuation { continuation in
            // A thread of its own: the copy blocks for as long as the disk takes.
            let queue = DispatchQueue(label: "mini-ci.sqlite.backup")
            queue.async {
                continuation.resume(
                    returning: Result { () throws(StoreError) in
                        let draft = try BackupDraft(of: source, for: target, replaces: replaces)
                        do {
                            let report = try fill(draft, from: source, pagesPerStep, progress)
                            try draft.publish()
                            return report
                        } catch {
                            draft.discard()
                            throw Self.sentence(error)
                        }
                    })
            }
        }
        return try result.get()
    }

    private static func sentence(_ error: any Error) -> StoreError {
        if let error = error as? DatabaseError, [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) {
            return .broken("neither the copy nor the database is sound: \(error.message ?? "no message")")
        }
        return StoreError(sqlite: error)
    }

    private static func fill(
        _ draft: BackupDraft, from source: String, _ pagesPerStep: Int32,
        _ progress: @escaping (Int, Int) -> Void
    ) throws -> Report {
        // Not read-only: where nobody else has the database open, such a connection would leave side files behind. What
        // GRDB reads with may not write either.
        var reading = Configuration()
        reading.busyMode = .timeout(5)
        let original = try DatabaseQueue(path: source, configuration: reading)
        let copy = try DatabaseQueue(path: draft.path)
        return try copy.writeWithoutTransaction { copy in
            try original.read { original in
                // Reading anything takes the snapshot for all steps; without it, each write by another process between
                // two of them would make SQLite begin anew.
                _ = try Int.fetchOne(original, sql: "SELECT count(*) FROM sqlite_schema")
                try original.backup(to: copy, pagesPerStep: pagesPerStep) { state in
                    progress(state.completedPageCount, state.totalPageCount)
                }
            }
            // One file and no side files, whatever the original has.
            try copy.execute(sql: "PRAGMA journal_mode = DELETE")
            return try check(copy, at: draft.path)
        }
    }

    private static func check(_ copy: Database, at path: String) throws -> Report {
        let complaints = try String.fetchAll(copy, sql: "PRAGMA integrity_check(5)")
        guard complaints == ["ok"] else {
            throw StoreError.broken(
                "neither the copy nor the database is sound: \(complaints.joined(separator: "; "))")
        }
        let records = try SQLite(copy).migrationRecords()
        let state = SchemaState(records: records, migrations: SQLiteMigrations.all)
        guard let version = records.map(\.version).max() else {
            throw StoreError.broken("this is no database of mini-ci: it has no tables of it")
        }
        let latest = SQLiteMigrations.all.last?.version ?? 0
        return Report(
            size: try BackupDraft.size(of: path), version: version, problem: state.problem(latest: latest))
    }
}
