extension PostgresMigrations {
    /// Conventions, the same in every SQL store: ids are UUIDs, times are whole milliseconds since 1970 in UTC, lists
    /// and dictionaries are JSON. What the state machines promise stands here a second time, as CHECKs: a terminal
    /// status has an end, only a failure has a reason, only a live attempt has no end.
    static let initialSchema = """
        CREATE TABLE builds (
            id uuid PRIMARY KEY,
            repo_url text NOT NULL CHECK (repo_url <> ''),
            ref text NOT NULL CHECK (ref <> ''),
            commit_sha text CHECK (length(commit_sha) IN (40, 64)),
            command text,
            priority integer NOT NULL CHECK (priority BETWEEN -1000 AND 1000),
            status text NOT NULL CHECK (status IN ('pending', 'running', 'success', 'failed', 'canceled')),
            reason text CHECK (reason IN ('script', 'timeout', 'oom', 'canceled', 'worker_lost', 'checkout',
                'image_pull', 'config', 'disk_full', 'no_output', 'refused')),
            exit_code integer CHECK (exit_code BETWEEN 0 AND 255),
            error text,
            cancel_requested_at bigint,
            created_at bigint NOT NULL,
            started_at bigint,
            finished_at bigint,
            updated_at bigint NOT NULL,
            idempotency_key text CHECK (idempotency_key <> ''),
            idempotency_fingerprint text,
            CHECK ((status IN ('success', 'failed', 'canceled')) = (finished_at IS NOT NULL)),
            CHECK ((status IN ('failed', 'canceled')) = (reason IS NOT NULL)),
            CHECK (status <> 'pending' OR started_at IS NULL),
            CHECK (status NOT IN ('running', 'success', 'failed') OR started_at IS NOT NULL),
            CHECK (status <> 'success' OR error IS NULL),
            CHECK ((idempotency_key IS NULL) = (idempotency_fingerprint IS NULL))
        );

        CREATE UNIQUE INDEX builds_idempotency_key ON builds (idempotency_key) WHERE idempotency_key IS NOT NULL;

        -- Lists go by id, newest first; both indexes keep that order within their filter.
        CREATE INDEX builds_by_status ON builds (status, id);
        CREATE INDEX builds_by_repository ON builds (repo_url, id);

        CREATE TABLE jobs (
            id uuid PRIMARY KEY,
            build_id uuid NOT NULL REFERENCES builds (id),
            position integer NOT NULL CHECK (position >= 0),
            name text NOT NULL CHECK (name <> ''),
            needs json NOT NULL CHECK (json_typeof(needs) = 'array'),
            labels jsonb NOT NULL CHECK (jsonb_typeof(labels) = 'array'),
            steps json NOT NULL CHECK (json_typeof(steps) = 'array'),
            env json NOT NULL CHECK (json_typeof(env) = 'object'),
            timeout_s bigint NOT NULL CHECK (timeout_s >= 1),
            max_attempts integer NOT NULL CHECK (max_attempts BETWEEN 1 AND 10),
            priority integer NOT NULL CHECK (priority BETWEEN -1000 AND 1000),
            status text NOT NULL CHECK (
                status IN ('waiting', 'pending', 'running', 'success', 'failed', 'canceled', 'skipped')),
            not_before bigint NOT NULL,
            pending_since bigint,
            started_at bigint,
            finished_at bigint,
            UNIQUE (build_id, name),
            CHECK ((status IN ('success', 'failed', 'canceled', 'skipped')) = (finished_at IS NOT NULL)),
            CHECK (status <> 'waiting' OR pending_since IS NULL),
            CHECK (status NOT IN ('pending', 'running', 'success', 'failed') OR pending_since IS NOT NULL),
            CHECK (status NOT IN ('running', 'success', 'failed') OR started_at IS NOT NULL),
            CHECK (status <> 'skipped' OR started_at IS NULL)
        );

        -- A job leaves the queue by an update, and what it was stays in the index until a vacuum: that should come
        -- before a claim has much to step over.
        ALTER TABLE jobs SET (autovacuum_vacuum_scale_factor = 0.02);

        -- The queue. Labels come first: a claim visits each distinct set of labels once and reads only jobs that the
        -- worker can take, however many others wait. As a hash, because a set may be longer than an index can hold.
        CREATE INDEX jobs_claimable ON jobs ((md5(labels::text)::uuid), priority DESC, id) WHERE status = 'pending';

        CREATE TABLE attempts (
            id uuid PRIMARY KEY,
            job_id uuid NOT NULL REFERENCES jobs (id),
            build_id uuid NOT NULL REFERENCES builds (id),
            number integer NOT NULL CHECK (number >= 1),
            worker_id uuid NOT NULL,
            worker_name text NOT NULL,
            status text NOT NULL CHECK (status IN ('running', 'success', 'failed', 'canceled')),
            reason text CHECK (reason IN ('script', 'timeout', 'oom', 'canceled', 'worker_lost', 'checkout',
                'image_pull', 'config', 'disk_full', 'no_output', 'refused')),
            exit_code integer CHECK (exit_code BETWEEN 0 AND 255),
            signal integer CHECK (signal BETWEEN 1 AND 127),
            error text,
            commit_sha text CHECK (length(commit_sha) IN (40, 64)),
            steps json NOT NULL CHECK (json_typeof(steps) = 'array'),
            lease_expires_at bigint NOT NULL,
            log_length bigint CHECK (log_length >= 0),
            log_lines bigint CHECK (log_lines BETWEEN 0 AND log_length),
            log_sha256 text CHECK (length(log_sha256) = 64),
            started_at bigint NOT NULL,
            finished_at bigint,
            UNIQUE (job_id, number),
            CHECK ((status <> 'running') = (finished_at IS NOT NULL)),
            CHECK ((status IN ('failed', 'canceled')) = (reason IS NOT NULL)),
            CHECK ((log_sha256 IS NULL) = (log_length IS NULL) AND (log_sha256 IS NULL) = (log_lines IS NULL)),
            CHECK (status <> 'running' OR log_sha256 IS NULL),
            CHECK (status <> 'running' OR (exit_code IS NULL AND signal IS NULL AND error IS NULL))
        );

        CREATE UNIQUE INDEX attempts_one_running_per_job ON attempts (job_id) WHERE status = 'running';
        CREATE INDEX attempts_running_by_lease ON attempts (lease_expires_at) WHERE status = 'running';
        """ + "\n" + initialLogsAndPeople
}
