-- Mirrors: copies of videos of other servers that lie here (actor_id is NULL), and copies of any
-- video that other servers keep.
CREATE TABLE mirror (
    id {id},
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    actor_id BIGINT REFERENCES actor(id) ON DELETE CASCADE,
    url TEXT NOT NULL UNIQUE,
    base_url TEXT NOT NULL,
    strategy TEXT,
    size_bytes BIGINT NOT NULL DEFAULT 0,
    complete BOOLEAN NOT NULL DEFAULT FALSE,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX mirror_by_video ON mirror (video_id);
CREATE UNIQUE INDEX mirror_own ON mirror (video_id) WHERE actor_id IS NULL;
