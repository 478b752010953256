-- External channels that are kept in step. state: 1 waiting, 2 at work, 3 in step, 4 failed.
CREATE TABLE channel_sync (
    id {id},
    channel_id BIGINT NOT NULL REFERENCES channel(id) ON DELETE CASCADE,
    external_url TEXT NOT NULL,
    state BIGINT NOT NULL DEFAULT 1,
    last_sync_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX channel_sync_once ON channel_sync (channel_id, external_url);

-- What was brought into a channel, so that it does not come twice, also when it was deleted since.
CREATE TABLE imported_url (
    channel_id BIGINT NOT NULL REFERENCES channel(id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    PRIMARY KEY (channel_id, url)
);

-- Videos that are fetched from elsewhere. given: what the user has said and the source must not
-- replace. state: 1 pending, 2 success, 3 failed, 5 cancelled, 6 being fetched.
CREATE TABLE video_import (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    video_id BIGINT REFERENCES video(id) ON DELETE SET NULL,
    sync_id BIGINT REFERENCES channel_sync(id) ON DELETE SET NULL,
    target_url TEXT NOT NULL,
    given {json} NOT NULL,
    state BIGINT NOT NULL DEFAULT 1,
    error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX video_import_user ON video_import (user_id, created_at DESC, id);
CREATE INDEX video_import_video ON video_import (video_id) WHERE video_id IS NOT NULL;
CREATE INDEX video_import_sync ON video_import (sync_id) WHERE sync_id IS NOT NULL;
