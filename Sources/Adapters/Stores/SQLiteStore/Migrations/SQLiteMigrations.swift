import Orchestration

/// The schema's history. Append only: a released migration never changes.
enum SQLiteMigrations {
    static let all = [
        Migration(version: 1, name: "initial", sql: initialSchema),
        Migration(version: 2, name: "rules and reruns", sql: rulesAndReruns),
    ]

    /// Kept outside the history, because it holds it. A row without `finished_at` marks a migration that broke off.
    static let bookkeeping = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version INTEGER PRIMARY KEY CHECK (version >= 1),
            name TEXT NOT NULL,
            checksum TEXT NOT NULL CHECK (length(checksum) = 64),
            started_at INTEGER NOT NULL,
            finished_at INTEGER CHECK (finished_at >= started_at)
        ) STRICT;
        """
}
