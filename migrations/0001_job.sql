-- Work that must survive the process, and small facts that the program keeps about itself.
CREATE TABLE job (
    id {id},
    kind TEXT NOT NULL,
    payload {json} NOT NULL,
    state TEXT NOT NULL DEFAULT 'ready'
        CHECK (state IN ('ready', 'running', 'done', 'failed', 'cancelled')),
    priority BIGINT NOT NULL DEFAULT 0,
    run_at BIGINT NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    max_attempts BIGINT NOT NULL DEFAULT 5,
    losses BIGINT NOT NULL DEFAULT 0,
    claim BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT,
    lease_owner TEXT,
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    progress BIGINT NOT NULL DEFAULT 0,
    parent_id BIGINT,
    dedup_key TEXT,
    error TEXT,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
);
CREATE INDEX job_ready ON job (kind, priority DESC, run_at, id) WHERE state = 'ready';
CREATE INDEX job_running ON job (lease_until) WHERE state = 'running';
CREATE INDEX job_by_state ON job (state, created_at);
CREATE INDEX job_finished ON job (finished_at) WHERE finished_at IS NOT NULL;
CREATE UNIQUE INDEX job_dedup ON job (dedup_key)
    WHERE dedup_key IS NOT NULL AND state IN ('ready', 'running');

-- While a row is here no job is claimed.
CREATE TABLE job_pause (id BIGINT PRIMARY KEY, since BIGINT NOT NULL);

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value {json} NOT NULL,
    updated_at BIGINT NOT NULL
);
