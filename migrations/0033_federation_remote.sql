-- Pictures and captions of other servers, fetched when somebody looks at them.
CREATE TABLE remote_file (
    filename TEXT PRIMARY KEY,
    video_id BIGINT REFERENCES video(id) ON DELETE CASCADE,
    actor_id BIGINT REFERENCES actor(id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    failed_at BIGINT,
    fetched_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX remote_file_by_video ON remote_file (video_id);
CREATE INDEX remote_file_by_actor ON remote_file (actor_id);
CREATE INDEX remote_file_by_age ON remote_file (fetched_at) WHERE fetched_at IS NOT NULL;

-- What other servers say of who watches a video: how many now, and the views of this hour.
CREATE TABLE remote_watching (
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    viewers BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL DEFAULT 0,
    hour_at BIGINT NOT NULL DEFAULT 0,
    views BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (video_id, host)
);
CREATE INDEX remote_watching_now ON remote_watching (expires_at);

-- Ratings and playlists of ours that other servers were told of. No reference: rows outlive what they tell of.
CREATE TABLE federated_rating (
    account_id BIGINT NOT NULL,
    video_id BIGINT NOT NULL,
    value TEXT NOT NULL,
    url TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, video_id)
);
CREATE TABLE federated_playlist (
    uuid TEXT PRIMARY KEY,
    account_actor_id BIGINT NOT NULL REFERENCES actor(id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
);

-- How often a thing of another server was looked for and not found.
CREATE TABLE gone_check (
    url TEXT PRIMARY KEY,
    failures BIGINT NOT NULL DEFAULT 0,
    checked_at BIGINT NOT NULL
);
