-- A video or a whole channel that its owner gives to somebody else. state: 1 open, 2 refused,
-- 3 accepted.
CREATE TABLE ownership_change (
    id {id},
    video_id BIGINT REFERENCES video(id) ON DELETE CASCADE,
    channel_id BIGINT REFERENCES channel(id) ON DELETE CASCADE,
    initiator_account_id BIGINT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
    next_account_id BIGINT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
    state BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK ((video_id IS NULL) <> (channel_id IS NULL))
);
CREATE UNIQUE INDEX ownership_change_open_video ON ownership_change (video_id)
    WHERE state = 1 AND video_id IS NOT NULL;
CREATE UNIQUE INDEX ownership_change_open_channel ON ownership_change (channel_id)
    WHERE state = 1 AND channel_id IS NOT NULL;
CREATE INDEX ownership_change_by_next ON ownership_change (next_account_id, created_at DESC, id);
CREATE INDEX ownership_change_by_initiator
    ON ownership_change (initiator_account_id, created_at DESC, id);
CREATE INDEX ownership_change_by_video ON ownership_change (video_id, created_at DESC, id);
CREATE INDEX ownership_change_by_channel ON ownership_change (channel_id, created_at DESC, id);

-- What the owner and the editors of a channel did with it. details keeps the name of what is gone.
CREATE TABLE channel_activity (
    id {id},
    channel_id BIGINT NOT NULL REFERENCES channel(id) ON DELETE CASCADE,
    account_id BIGINT REFERENCES account(id) ON DELETE SET NULL,
    action BIGINT NOT NULL,
    target BIGINT NOT NULL,
    video_id BIGINT REFERENCES video(id) ON DELETE SET NULL,
    playlist_id BIGINT REFERENCES playlist(id) ON DELETE SET NULL,
    details {json} NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX channel_activity_newest ON channel_activity (channel_id, created_at DESC, id DESC);
CREATE INDEX channel_activity_by_video ON channel_activity (video_id) WHERE video_id IS NOT NULL;
CREATE INDEX channel_activity_by_playlist ON channel_activity (playlist_id)
    WHERE playlist_id IS NOT NULL;
CREATE INDEX channel_activity_by_account ON channel_activity (account_id);

-- The look of the player; a row is there where it was chosen.
CREATE TABLE video_player (
    video_id BIGINT PRIMARY KEY REFERENCES video(id) ON DELETE CASCADE,
    theme TEXT NOT NULL
);
CREATE TABLE channel_player (
    channel_id BIGINT PRIMARY KEY REFERENCES channel(id) ON DELETE CASCADE,
    theme TEXT NOT NULL
);

-- Where a video may be embedded; everywhere without a row. policy: 1 everywhere, 2 these domains.
CREATE TABLE video_embed (
    video_id BIGINT PRIMARY KEY REFERENCES video(id) ON DELETE CASCADE,
    policy BIGINT NOT NULL,
    domains {json} NOT NULL
);
