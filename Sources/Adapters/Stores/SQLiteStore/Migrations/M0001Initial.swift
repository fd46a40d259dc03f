extension SQLiteMigrations {
    /// Conventions, the same in every SQL store: ids are UUIDs (here 36 characters of TEXT), times are whole
    /// milliseconds since 1970 in UTC, lists and dictionaries are JSON. What the state machines promise stands here a
    /// second time, as CHECKs: a terminal status has an end, only a failure has a reason, only a live attempt has no
    /// end.
    static let initialSchema = """
        CREATE TABLE builds (
            id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
            repo_url TEXT NOT NULL CHECK (repo_url <> ''),
            ref TEXT NOT NULL CHECK (ref <> ''),
            commit_sha TEXT CHECK (length(commit_sha) IN (40, 64)),
            command TEXT,
            priority INTEGER NOT NULL CHECK (priority BETWEEN -1000 AND 1000),
            status TEXT NOT NULL CHECK (status IN ('pending', 'running', 'success', 'failed', 'canceled')),
            reason TEXT CHECK (reason IN ('script', 'timeout', 'oom', 'canceled', 'worker_lost', 'checkout',
                'image_pull', 'config', 'disk_full', 'no_output', 'refused')),
            exit_code INTEGER CHECK (exit_code BETWEEN 0 AND 255),
            error TEXT,
            cancel_requested_at INTEGER,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            finished_at INTEGER,
            updated_at INTEGER NOT NULL,
            idempotency_key TEXT UNIQUE CHECK (idempotency_key <> ''),
            idempotency_fingerprint TEXT,
            CHECK ((status IN ('success', 'failed', 'canceled')) = (finished_at IS NOT NULL)),
            CHECK ((status IN ('failed', 'canceled')) = (reason IS NOT NULL)),
            CHECK (status <> 'pending' OR started_at IS NULL),
            CHECK (status NOT IN ('running', 'success', 'failed') OR started_at IS NOT NULL),
            CHECK (status <> 'success' OR error IS NULL),
            CHECK ((idempotency_key IS NULL) = (idempotency_fingerprint IS NULL))
        ) STRICT;

        -- Lists go by id, newest first; both indexes keep that order within their filter.
        CREATE INDEX builds_by_status ON builds (status, id);
        CREATE INDEX builds_by_repository ON builds (repo_url, id);

        CREATE TABLE jobs (
            id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
            build_id TEXT NOT NULL REFERENCES builds (id),
            position INTEGER NOT NULL CHECK (position >= 0),
            name TEXT NOT NULL CHECK (name <> ''),
            needs TEXT NOT NULL CHECK (json_type(needs) = 'array'),
            labels TEXT NOT NULL CHECK (json_type(labels) = 'array'),
            steps TEXT NOT NULL CHECK (json_type(steps) = 'array'),
            env TEXT NOT NULL CHECK (json_type(env) = 'object'),
            timeout_s INTEGER NOT NULL CHECK (timeout_s >= 1),
            max_attempts INTEGER NOT NULL CHECK (max_attempts BETWEEN 1 AND 10),
            priority INTEGER NOT NULL CHECK (priority BETWEEN -1000 AND 1000),
            status TEXT NOT NULL CHECK (
                status IN ('waiting', 'pending', 'running', 'success', 'failed', 'canceled', 'skipped')),
            not_before INTEGER NOT NULL,
            pending_since INTEGER,
            started_at INTEGER,
            finished_at INTEGER,
            UNIQUE (build_id, name),
            CHECK ((status IN ('success', 'failed', 'canceled', 'skipped')) = (finished_at IS NOT NULL)),
            CHECK (status <> 'waiting' OR pending_since IS NULL),
            CHECK (status NOT IN ('pending', 'running', 'success', 'failed') OR pending_since IS NOT NULL),
            CHECK (status NOT IN ('running', 'success', 'failed') OR started_at IS NOT NULL),
            CHECK (status <> 'skipped' OR started_at IS NULL)
        ) STRICT;

        -- The queue. Labels come first, as their canonical text: a claim visits each distinct set of labels once and
        -- reads only jobs that the worker can take, however many others wait.
        CREATE INDEX jobs_claimable ON jobs (labels, priority DESC, id) WHERE status = 'pending';

        CREATE TABLE attempts (
            id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
            job_id TEXT NOT NULL REFERENCES jobs (id),
            build_id TEXT NOT NULL REFERENCES builds (id),
            number INTEGER NOT NULL CHECK (number >= 1),
            worker_id TEXT NOT NULL CHECK (length(worker_id) = 36),
            worker_name TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('running', 'success', 'failed', 'canceled')),
            reason TEXT CHECK (reason IN ('script', 'timeout', 'oom', 'canceled', 'worker_lost', 'checkout',
                'image_pull', 'config', 'disk_full', 'no_output', 'refused')),
            exit_code INTEGER CHECK (exit_code BETWEEN 0 AND 255),
            signal INTEGER CHECK (signal BETWEEN 1 AND 127),
            error TEXT,
            commit_sha TEXT CHECK (length(commit_sha) IN (40, 64)),
            steps TEXT NOT NULL CHECK (json_type(steps) = 'array'),
            lease_expires_at INTEGER NOT NULL,
            log_length INTEGER CHECK (log_length >= 0),
            log_lines INTEGER CHECK (log_lines BETWEEN 0 AND log_length),
            log_sha256 TEXT CHECK (length(log_sha256) = 64),
            started_at INTEGER NOT NULL,
            finished_at INTEGER,
            UNIQUE (job_id, number),
            CHECK ((status <> 'running') = (finished_at IS NOT NULL)),
            CHECK ((status IN ('failed', 'canceled')) = (reason IS NOT NULL)),
            CHECK ((log_sha256 IS NULL) = (log_length IS NULL) AND (log_sha256 IS NULL) = (log_lines IS NULL)),
            CHECK (status <> 'running' OR log_sha256 IS NULL),
            CHECK (status <> 'running' OR (exit_code IS NULL AND signal IS NULL AND error IS NULL))
        ) STRICT;

        CREATE UNIQUE INDEX attempts_one_running_per_job ON attempts (job_id) WHERE status = 'running';
        CREATE INDEX attempts_running_by_lease ON attempts (lease_expires_at) WHERE status = 'running';

        -- Chunks follow one another without a gap, so their first lines order them as their offsets do, and readers ask
        -- by line: one key serves both. The extent of a log is the end of its last chunk; no counter can contradict it.
        -- The bulky columns stand last: what comes before them is read without them.
        CREATE TABLE build_logs (
            attempt_id TEXT NOT NULL REFERENCES attempts (id),
            byte_offset INTEGER NOT NULL CHECK (byte_offset >= 0),
            first_line INTEGER NOT NULL CHECK (first_line >= 1),
            line_count INTEGER NOT NULL CHECK (line_count >= 1),
            length INTEGER NOT NULL CHECK (length >= line_count),
            runs BLOB NOT NULL CHECK (length(runs) >= 20 AND length(runs) % 20 = 0),
            text BLOB NOT NULL,
            PRIMARY KEY (attempt_id, first_line),
            CHECK (length = length(text)),
            CHECK ((byte_offset = 0) = (first_line = 1))
        ) STRICT;

        -- The history: a build is what its events made of it.
        CREATE TABLE job_events (
            id INTEGER PRIMARY KEY,
            build_id TEXT NOT NULL REFERENCES builds (id),
            job_id TEXT REFERENCES jobs (id),
            attempt_id TEXT REFERENCES attempts (id),
            at INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('submitted', 'started', 'cancel_requested', 'ended', 'job_released',
                'job_retried', 'job_ended', 'attempt_started', 'attempt_progressed', 'attempt_ended')),
            data TEXT NOT NULL CHECK (json_type(data) = 'object'),
            CHECK (attempt_id IS NULL OR job_id IS NOT NULL)
        ) STRICT;

        CREATE INDEX job_events_by_build ON job_events (build_id);

        CREATE TABLE workers (
            id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
            name TEXT NOT NULL CHECK (name <> ''),
            labels TEXT NOT NULL CHECK (json_type(labels) = 'array'),
            capacity INTEGER NOT NULL CHECK (capacity >= 0),
            version TEXT NOT NULL,
            is_draining INTEGER NOT NULL CHECK (is_draining IN (0, 1)),
            registered_at INTEGER NOT NULL,
            last_seen_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE api_tokens (
            id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 36),
            name TEXT NOT NULL CHECK (name <> ''),
            role TEXT NOT NULL CHECK (role IN ('admin', 'user', 'reader', 'worker')),
            digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            revoked_at INTEGER
        ) STRICT;
        """
}
