extension PostgresMigrations {
    /// Rules of jobs, reruns, pins and drained workers.
    static let rulesAndReruns = """
        ALTER TABLE builds DROP CONSTRAINT builds_reason_check, ADD CONSTRAINT builds_reason_check CHECK (reason IN (
            'script', 'timeout', 'oom', 'canceled', 'worker_lost', 'checkout', 'image_pull', 'config', 'disk_full',
            'no_output', 'refused', 'step_timeout', 'queue_timeout'));
        ALTER TABLE attempts DROP CONSTRAINT attempts_reason_check, ADD CONSTRAINT attempts_reason_check CHECK (
            reason IN ('script', 'timeout', 'oom', 'canceled', 'worker_lost', 'checkout', 'image_pull', 'config',
            'disk_full', 'no_output', 'refused', 'step_timeout', 'queue_timeout'));
        -- A job that nobody took in time failed without having been started, and so may its build.
        ALTER TABLE builds DROP CONSTRAINT builds_check3, ADD CONSTRAINT builds_check3 CHECK (
            status NOT IN ('running', 'success') OR started_at IS NOT NULL);
        ALTER TABLE jobs DROP CONSTRAINT jobs_check3, ADD CONSTRAINT jobs_check3 CHECK (
            status NOT IN ('running', 'success') OR started_at IS NOT NULL);
        ALTER TABLE job_events DROP CONSTRAINT job_events_kind_check, ADD CONSTRAINT job_events_kind_check CHECK (
            kind IN ('submitted', 'started', 'cancel_requested', 'ended', 'job_released', 'job_retried', 'job_ended',
            'job_expired', 'rerun', 'attempt_started', 'attempt_progressed', 'attempt_ended'));

        ALTER TABLE builds ADD COLUMN is_pinned boolean NOT NULL DEFAULT false;
        ALTER TABLE jobs
            ADD COLUMN rules json NOT NULL DEFAULT '{}' CHECK (json_typeof(rules) = 'object'),
            ADD COLUMN attempts_before_rerun integer NOT NULL DEFAULT 0 CHECK (attempts_before_rerun >= 0),
            ADD COLUMN queue_expires_at bigint,
            ADD CONSTRAINT jobs_queue_expires_at_check CHECK (queue_expires_at IS NULL OR status = 'pending');
        ALTER TABLE workers ADD COLUMN drain_requested boolean NOT NULL DEFAULT false;

        -- What the control plane must end by itself when its time has come, and when a retry becomes claimable.
        CREATE INDEX builds_canceling ON builds (cancel_requested_at)
            WHERE cancel_requested_at IS NOT NULL AND finished_at IS NULL;
        CREATE INDEX jobs_queue_expiry ON jobs (queue_expires_at) WHERE queue_expires_at IS NOT NULL;
        CREATE INDEX jobs_backing_off ON jobs (not_before) WHERE status = 'pending';
        """
}
