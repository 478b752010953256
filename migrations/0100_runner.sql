-- Programs on other machines that transcode for this site, the tokens they join with, their jobs.
CREATE TABLE runner_token (
    id {id},
    token TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE runner (
    id {id},
    token_id BIGINT NOT NULL REFERENCES runner_token(id) ON DELETE CASCADE,
    name TEXT NOT NULL UNIQUE,
    description TEXT,
    token TEXT NOT NULL UNIQUE,
    version TEXT,
    ip TEXT,
    last_contact BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX runner_by_token ON runner (token_id);

-- state: PeerTube's numbers. answered_by: the kind of our job that takes the result up.
-- A lower priority goes first.
CREATE TABLE runner_job (
    id {id},
    uuid TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    payload {json} NOT NULL,
    private_payload {json} NOT NULL,
    answered_by TEXT NOT NULL,
    video_id BIGINT REFERENCES video(id) ON DELETE CASCADE,
    state BIGINT NOT NULL DEFAULT 1,
    progress BIGINT,
    priority BIGINT NOT NULL DEFAULT 100,
    failures BIGINT NOT NULL DEFAULT 0,
    error TEXT,
    job_token TEXT,
    runner_id BIGINT REFERENCES runner(id) ON DELETE SET NULL,
    parent_id BIGINT REFERENCES runner_job(id) ON DELETE SET NULL,
    started_at BIGINT,
    finished_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX runner_job_pending ON runner_job (priority, id) WHERE state = 1;
CREATE INDEX runner_job_working ON runner_job (updated_at) WHERE state = 2;
CREATE INDEX runner_job_by_video ON runner_job (video_id);
CREATE INDEX runner_job_by_age ON runner_job (created_at);
