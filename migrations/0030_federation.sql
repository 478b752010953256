-- What other servers and this one tell each other.
ALTER TABLE actor ADD COLUMN key_url TEXT;
-- Person, Group, Application, Service or Organization; NULL for actors of this server.
ALTER TABLE actor ADD COLUMN ap_type TEXT;
CREATE INDEX actor_by_key ON actor (key_url) WHERE key_url IS NOT NULL;
CREATE INDEX actor_by_host ON actor (host, id) WHERE host <> '';
CREATE INDEX follow_by_follower ON follow (follower_actor_id, state, created_at);

-- Another server: how it is reached, and why it is not.
CREATE TABLE peer (
    host TEXT PRIMARY KEY,
    software TEXT,
    version TEXT,
    first_seen_at BIGINT NOT NULL,
    last_received_at BIGINT,
    last_success_at BIGINT,
    failing_since BIGINT,
    failures BIGINT NOT NULL DEFAULT 0,
    last_error TEXT,
    last_error_at BIGINT,
    retry_at BIGINT,
    lease_until BIGINT,
    new_signatures BOOLEAN NOT NULL DEFAULT FALSE,
    redundancy_allowed BOOLEAN NOT NULL DEFAULT FALSE
);

-- Activities that came in with a good signature. Their ids are kept for a while, so that none is
-- worked off twice.
CREATE TABLE received_activity (
    id {id},
    url TEXT UNIQUE,
    signer_actor_id BIGINT NOT NULL REFERENCES actor(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    worked_at BIGINT,
    refusal TEXT
);
CREATE INDEX received_activity_by_age ON received_activity (received_at);

-- Activities of ours, and the servers that still have to get them.
CREATE TABLE sent_activity (
    id {id},
    actor_id BIGINT NOT NULL REFERENCES actor(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX sent_activity_by_age ON sent_activity (created_at);
CREATE TABLE delivery (
    id {id},
    sent_activity_id BIGINT NOT NULL REFERENCES sent_activity(id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    inbox_url TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX delivery_by_host ON delivery (host, id);
CREATE INDEX delivery_by_activity ON delivery (sent_activity_id);

-- Who announced which video.
CREATE TABLE share (
    id {id},
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    actor_id BIGINT NOT NULL REFERENCES actor(id) ON DELETE CASCADE,
    url TEXT UNIQUE,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX share_once ON share (video_id, actor_id);
CREATE INDEX share_by_actor ON share (actor_id, created_at);

-- Videos of ours that other servers were told of, so that they are told when one is no more. It
-- has no reference to the video: it must outlive it.
CREATE TABLE federated_video (
    uuid TEXT PRIMARY KEY,
    account_actor_id BIGINT NOT NULL REFERENCES actor(id) ON DELETE CASCADE,
    channel_actor_id BIGINT NOT NULL REFERENCES actor(id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    sent_at BIGINT NOT NULL
);
