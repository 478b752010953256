-- Playlists. kind 1 is a usual one, 2 the account's watch-later list.
CREATE TABLE playlist (
    id {id},
    uuid TEXT NOT NULL UNIQUE,
    account_id BIGINT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
    channel_id BIGINT REFERENCES channel(id) ON DELETE SET NULL,
    channel_position BIGINT,
    url TEXT UNIQUE,
    is_local BOOLEAN NOT NULL DEFAULT TRUE,
    kind BIGINT NOT NULL DEFAULT 1,
    display_name TEXT NOT NULL,
    folded TEXT NOT NULL DEFAULT '',
    description TEXT,
    privacy BIGINT NOT NULL,
    thumbnail TEXT,
    thumbnail_from TEXT CHECK (thumbnail_from IN ('hand', 'video')),
    element_count BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX playlist_by_account ON playlist (account_id, created_at);
CREATE INDEX playlist_by_channel ON playlist (channel_id, channel_position);
CREATE INDEX playlist_public ON playlist (created_at DESC, id) WHERE privacy = 1;
CREATE INDEX playlist_public_by_change ON playlist (updated_at DESC, id) WHERE privacy = 1;
CREATE INDEX playlist_public_by_name ON playlist (folded, id) WHERE privacy = 1;
CREATE UNIQUE INDEX playlist_watch_later ON playlist (account_id) WHERE kind = 2;

-- video_id is NULL once the video is deleted: the place in the list stays.
CREATE TABLE playlist_element (
    id {id},
    playlist_id BIGINT NOT NULL REFERENCES playlist(id) ON DELETE CASCADE,
    video_id BIGINT REFERENCES video(id) ON DELETE SET NULL,
    position BIGINT NOT NULL,
    start_s BIGINT,
    stop_s BIGINT,
    url TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX playlist_element_by_position ON playlist_element (playlist_id, position);
CREATE INDEX playlist_element_by_video ON playlist_element (video_id);
