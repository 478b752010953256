-- Files that were made of a video for somebody who asked: loops, GIFs, sounds, whole MP4 files. They go when nobody has
-- asked for a while. state: 'waiting', 'done', 'failed'.
CREATE TABLE extract (
    id {id},
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    start_ms BIGINT NOT NULL,
    end_ms BIGINT NOT NULL,
    resolution BIGINT NOT NULL,
    filename TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    progress BIGINT NOT NULL DEFAULT 0,
    error TEXT,
    size_bytes BIGINT NOT NULL DEFAULT 0,
    used_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX extract_by_video ON extract (video_id, kind, start_ms, end_ms, resolution);
CREATE INDEX extract_by_use ON extract (used_at, id);
