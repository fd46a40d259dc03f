import Orchestration

/// The schema's history. Append only: a released migration never changes.
enum PostgresMigrations {
    static let all = [
        Migration(version: 1, name: "initial", sql: initialSchema),
        Migration(version: 2, name: "rules and reruns", sql: rulesAndReruns),
    ]

    /// Kept outside the history, because it holds it. A row without `finished_at` marks a migration that broke off.
    static let bookkeeping = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version integer PRIMARY KEY CHECK (version >= 1),
            name text NOT NULL,
            checksum text NOT NULL CHECK (length(checksum) = 64),
            started_at bigint NOT NULL,
            finished_at bigint CHECK (finished_at >= started_at)
        )
        """
}
