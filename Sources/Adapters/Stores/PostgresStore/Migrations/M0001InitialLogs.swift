extension PostgresMigrations {
    /// The second half of the initial schema: logs, history, workers and tokens.
    static let initialLogsAndPeople = """
        -- Chunks follow one another without a gap, so their first lines order them as their offsets do, and readers ask
        -- by line: one key serves both. The extent of a log is the end of its last chunk; no counter can contradict it.
        CREATE TABLE build_logs (
            attempt_id uuid NOT NULL REFERENCES attempts (id),
            byte_offset bigint NOT NULL CHECK (byte_offset >= 0),
            first_line bigint NOT NULL CHECK (first_line >= 1),
            line_count bigint NOT NULL CHECK (line_count >= 1),
            length bigint NOT NULL CHECK (length >= line_count),
            runs bytea NOT NULL CHECK (length(runs) >= 20 AND length(runs) % 20 = 0),
            text bytea NOT NULL,
            PRIMARY KEY (attempt_id, first_line),
            CHECK (length = length(text)),
            CHECK ((byte_offset = 0) = (first_line = 1))
        );

        -- The default compression takes longer than all else about a chunk. LZ4 is quick; a server built without it
        -- keeps the text as it is.
        DO $$
        BEGIN
            ALTER TABLE build_logs
                ALTER COLUMN runs SET COMPRESSION lz4, ALTER COLUMN text SET COMPRESSION lz4;
        EXCEPTION WHEN feature_not_supported THEN
            ALTER TABLE build_logs
                ALTER COLUMN runs SET STORAGE EXTERNAL, ALTER COLUMN text SET STORAGE EXTERNAL;
        END $$;

        -- The history: a build is what its events made of it. The key's order is the order of what happened. What
        -- events refer to is written with them and never deleted; foreign keys would take longer than all else.
        CREATE TABLE job_events (
            id bigint GENERATED ALWAYS AS IDENTITY,
            build_id uuid NOT NULL,
            job_id uuid,
            attempt_id uuid,
            at bigint NOT NULL,
            kind text NOT NULL CHECK (kind IN ('submitted', 'started', 'cancel_requested', 'ended', 'job_released',
                'job_retried', 'job_ended', 'attempt_started', 'attempt_progressed', 'attempt_ended')),
            data json NOT NULL CHECK (json_typeof(data) = 'object'),
            PRIMARY KEY (build_id, id),
            CHECK (attempt_id IS NULL OR job_id IS NOT NULL)
        );

        CREATE TABLE workers (
            id uuid PRIMARY KEY,
            name text NOT NULL CHECK (name <> ''),
            labels jsonb NOT NULL CHECK (jsonb_typeof(labels) = 'array'),
            capacity bigint NOT NULL CHECK (capacity >= 0),
            version text NOT NULL,
            is_draining boolean NOT NULL,
            registered_at bigint NOT NULL,
            last_seen_at bigint NOT NULL
        );

        CREATE TABLE api_tokens (
            id uuid PRIMARY KEY,
            name text NOT NULL CHECK (name <> ''),
            role text NOT NULL CHECK (role IN ('admin', 'user', 'reader', 'worker')),
            digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
            created_at bigint NOT NULL,
            expires_at bigint,
            revoked_at bigint
        );
        """
}
