-- A video, here or elsewhere (url is set for those of other servers).
-- listed: 0 in no list, 1 in public lists, 2 in lists of people who are logged in.
CREATE TABLE video (
    id {id},
    uuid TEXT NOT NULL UNIQUE,
    channel_id BIGINT NOT NULL REFERENCES channel(id),
    account_id BIGINT NOT NULL REFERENCES account(id),
    url TEXT UNIQUE,
    is_local BOOLEAN NOT NULL DEFAULT TRUE,
    is_live BOOLEAN NOT NULL DEFAULT FALSE,
    name TEXT NOT NULL,
    name_key {blob} NOT NULL,
    folded TEXT NOT NULL DEFAULT '',
    description TEXT,
    support TEXT,
    category BIGINT,
    licence BIGINT,
    language TEXT,
    tags {json} NOT NULL,
    privacy BIGINT NOT NULL,
    state BIGINT NOT NULL,
    wait_transcoding BOOLEAN NOT NULL DEFAULT FALSE,
    was_published BOOLEAN NOT NULL DEFAULT FALSE,
    blocked BOOLEAN NOT NULL DEFAULT FALSE,
    listed BIGINT NOT NULL DEFAULT 0,
    counted TEXT,
    nsfw BOOLEAN NOT NULL DEFAULT FALSE,
    nsfw_flags BIGINT NOT NULL DEFAULT 0,
    nsfw_summary TEXT,
    comments_policy BIGINT NOT NULL DEFAULT 1,
    download_enabled BOOLEAN NOT NULL DEFAULT TRUE,
    duration_s BIGINT NOT NULL DEFAULT 0,
    aspect_ratio DOUBLE PRECISION,
    views BIGINT NOT NULL DEFAULT 0,
    likes BIGINT NOT NULL DEFAULT 0,
    dislikes BIGINT NOT NULL DEFAULT 0,
    comment_count BIGINT NOT NULL DEFAULT 0,
    trending BIGINT NOT NULL DEFAULT 0,
    hot DOUBLE PRECISION NOT NULL DEFAULT 0,
    size_bytes BIGINT NOT NULL DEFAULT 0,
    quota_bytes BIGINT NOT NULL DEFAULT 0,
    thumbnail TEXT,
    preview TEXT,
    thumbnail_from TEXT NOT NULL DEFAULT 'video' CHECK (thumbnail_from IN ('video', 'hand')),
    hue BIGINT,
    storyboard {json},
    chapters_from TEXT,
    schedule_at BIGINT,
    schedule_privacy BIGINT,
    originally_published_at BIGINT,
    input_file_updated_at BIGINT,
    published_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    fetched_at BIGINT
);
CREATE INDEX video_newest ON video (published_at DESC, id, listed, nsfw, account_id) WHERE listed > 0;
CREATE INDEX video_most_viewed ON video (views DESC, id) WHERE listed > 0;
CREATE INDEX video_most_liked ON video (likes DESC, id) WHERE listed > 0;
CREATE INDEX video_trending ON video (trending DESC, views DESC, id) WHERE listed > 0;
CREATE INDEX video_hot ON video (hot DESC, id) WHERE listed > 0;
CREATE INDEX video_by_name ON video (name_key, id) WHERE listed > 0;
CREATE INDEX video_by_duration ON video (duration_s, id) WHERE listed > 0;
CREATE INDEX video_by_original_date
    ON video (coalesce(originally_published_at, published_at) DESC, id) WHERE listed > 0;
CREATE INDEX video_most_commented ON video (comment_count DESC, id) WHERE listed > 0;
CREATE INDEX video_heaviest ON video (size_bytes DESC, id) WHERE listed > 0;
CREATE INDEX video_by_licence ON video (licence, published_at DESC, id) WHERE listed > 0;
CREATE INDEX video_sensitive ON video (published_at DESC, id) WHERE listed > 0 AND nsfw;
CREATE INDEX video_live ON video (published_at DESC, id) WHERE listed > 0 AND is_live;
CREATE INDEX video_by_created ON video (created_at DESC, id) WHERE listed > 0;
CREATE INDEX video_by_category ON video (category, published_at DESC, id) WHERE listed > 0;
CREATE INDEX video_by_language ON video (language, published_at DESC, id) WHERE listed > 0;
CREATE INDEX video_by_channel ON video (channel_id, published_at DESC, id);
CREATE INDEX video_by_account ON video (account_id, published_at DESC, id);
CREATE INDEX video_scheduled ON video (schedule_at) WHERE schedule_at IS NOT NULL;

-- How many listed videos there are, so that a list can say its total without counting.
-- scope: 'all', 'local', 'host:example.org', 'channel:7', 'account:3'. What a video is counted under
-- stands in video.counted.
CREATE TABLE video_count (
    scope TEXT NOT NULL,
    listed BIGINT NOT NULL,
    nsfw BOOLEAN NOT NULL,
    videos BIGINT NOT NULL,
    PRIMARY KEY (scope, listed, nsfw)
);

CREATE TABLE video_tag (
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (tag, video_id)
);
CREATE INDEX video_tag_by_video ON video_tag (video_id);

-- What can be played: kind 'hls' for renditions of the streaming playlist (resolution 0 is the
-- sound), 'web' for whole files. Sizes in bytes, rates in bits per second.
CREATE TABLE video_file (
    id {id},
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('hls', 'web')),
    filename TEXT NOT NULL UNIQUE,
    playlist_filename TEXT,
    resolution BIGINT NOT NULL,
    width BIGINT,
    height BIGINT,
    fps BIGINT NOT NULL DEFAULT 0,
    size_bytes BIGINT NOT NULL DEFAULT 0,
    has_audio BOOLEAN NOT NULL DEFAULT FALSE,
    has_video BOOLEAN NOT NULL DEFAULT TRUE,
    codecs TEXT,
    peak_bps BIGINT NOT NULL DEFAULT 0,
    average_bps BIGINT NOT NULL DEFAULT 0,
    complete BOOLEAN NOT NULL DEFAULT FALSE,
    copied BOOLEAN NOT NULL DEFAULT FALSE,
    metadata {json},
    url TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX video_file_by_video ON video_file (video_id, kind, resolution);

CREATE TABLE streaming_playlist (
    id {id},
    video_id BIGINT NOT NULL UNIQUE REFERENCES video(id) ON DELETE CASCADE,
    master_filename TEXT NOT NULL UNIQUE,
    sha256_filename TEXT,
    url TEXT,
    sha256_url TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- The file as it was uploaded. key is where it lies in the storage, NULL once it is removed.
CREATE TABLE video_source (
    video_id BIGINT PRIMARY KEY REFERENCES video(id) ON DELETE CASCADE,
    input_filename TEXT NOT NULL,
    key TEXT,
    size_bytes BIGINT NOT NULL,
    resolution BIGINT,
    width BIGINT,
    height BIGINT,
    fps BIGINT,
    metadata {json},
    created_at BIGINT NOT NULL
);

CREATE TABLE caption (
    id {id},
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    language TEXT NOT NULL,
    filename TEXT NOT NULL UNIQUE,
    automatically_generated BOOLEAN NOT NULL DEFAULT FALSE,
    url TEXT,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX caption_once ON caption (video_id, language);

CREATE TABLE chapter (
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    timecode_s BIGINT NOT NULL,
    title TEXT NOT NULL,
    PRIMARY KEY (video_id, timecode_s)
);

CREATE TABLE video_password (
    id {id},
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    password TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX video_password_once ON video_password (video_id, password);

CREATE TABLE video_block (
    id {id},
    video_id BIGINT NOT NULL UNIQUE REFERENCES video(id) ON DELETE CASCADE,
    kind BIGINT NOT NULL,
    reason TEXT,
    internal_note TEXT,
    unfederated BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE rating (
    account_id BIGINT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    value TEXT NOT NULL CHECK (value IN ('like', 'dislike')),
    url TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, video_id)
);
CREATE INDEX rating_by_video ON rating (video_id, value);
CREATE INDEX rating_by_account ON rating (account_id, created_at);

-- Where a user stopped watching.
CREATE TABLE watch_history (
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    position_s BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, video_id)
);
CREATE INDEX watch_history_newest ON watch_history (user_id, updated_at DESC);

-- Views by the hour, of which the trending order is made. hour_at is the start of the hour.
CREATE TABLE video_view_hour (
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    hour_at BIGINT NOT NULL,
    views BIGINT NOT NULL,
    PRIMARY KEY (video_id, hour_at)
);
CREATE INDEX video_view_hour_newest ON video_view_hour (hour_at);

-- One sitting of one person before one video. sections: what was watched, in seconds, as pairs.
-- A row ends when nothing was heard for an hour; its view is counted once, at counted_at.
CREATE TABLE video_viewer (
    id {id},
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    session TEXT NOT NULL,
    sections {json} NOT NULL,
    watched_s BIGINT NOT NULL DEFAULT 0,
    country TEXT,
    subdivision TEXT,
    started_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    counted_at BIGINT
);
CREATE INDEX video_viewer_now ON video_viewer (video_id, last_at);
CREATE INDEX video_viewer_session ON video_viewer (video_id, session, last_at);

-- A file that is being sent, in one piece or many. received counts the bytes that are safe.
CREATE TABLE upload (
    id TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    purpose TEXT NOT NULL CHECK (purpose IN ('video', 'replace', 'import')),
    video_id BIGINT,
    metadata {json} NOT NULL,
    size_bytes BIGINT NOT NULL,
    received_bytes BIGINT NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'finishing', 'done')),
    answer {json},
    fingerprint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX upload_by_user ON upload (user_id, fingerprint);
CREATE INDEX upload_by_age ON upload (updated_at);
