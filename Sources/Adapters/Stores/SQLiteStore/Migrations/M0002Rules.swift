extension SQLiteMigrations {
    /// Rules of jobs, reruns, pins and drained workers.
    ///
    /// SQLite cannot alter a CHECK. Making it wider touches no row, so its text is replaced in the schema itself, as
    /// <https://www.sqlite.org/lang_altertable.html#otheralter> describes; the first real change below gives the schema
    /// its new version number.
    static let rulesAndReruns = """
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema
        SET sql = replace(sql, '''no_output'', ''refused''',
            '''no_output'', ''refused'', ''step_timeout'', ''queue_timeout''')
        WHERE type = 'table' AND name IN ('builds', 'attempts');
        -- A job that nobody took in time failed without having been started, and so may its build.
        UPDATE sqlite_schema
        SET sql = replace(sql, 'CHECK (status NOT IN (''running'', ''success'', ''failed'') OR started_at IS NOT NULL)',
            'CHECK (status NOT IN (''running'', ''success'') OR started_at IS NOT NULL)')
        WHERE type = 'table' AND name IN ('builds', 'jobs');
        UPDATE sqlite_schema SET sql = replace(sql, '''job_ended'',', '''job_ended'', ''job_expired'', ''rerun'',')
        WHERE type = 'table' AND name = 'job_events';
        PRAGMA writable_schema = RESET;

        ALTER TABLE builds ADD COLUMN is_pinned INTEGER NOT NULL DEFAULT 0 CHECK (is_pinned IN (0, 1));
        ALTER TABLE jobs ADD COLUMN rules TEXT NOT NULL DEFAULT '{}' CHECK (json_type(rules) = 'object');
        ALTER TABLE jobs ADD COLUMN attempts_before_rerun INTEGER NOT NULL DEFAULT 0
            CHECK (attempts_before_rerun >= 0);
        ALTER TABLE jobs ADD COLUMN queue_expires_at INTEGER CHECK (queue_expires_at IS NULL OR status = 'pending');
        ALTER TABLE workers ADD COLUMN drain_requested INTEGER NOT NULL DEFAULT 0 CHECK (drain_requested IN (0, 1));

        -- What the control plane must end by itself when its time has come, and when a retry becomes claimable.
        CREATE INDEX builds_canceling ON builds (cancel_requested_at)
            WHERE cancel_requested_at IS NOT NULL AND finished_at IS NULL;
        CREATE INDEX jobs_queue_expiry ON jobs (queue_expires_at) WHERE queue_expires_at IS NOT NULL;
        CREATE INDEX jobs_backing_off ON jobs (not_before) WHERE status = 'pending';
        """
}
