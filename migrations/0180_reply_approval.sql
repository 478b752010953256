-- What the owner of a video elsewhere said when they let a comment of ours through.
ALTER TABLE comment ADD COLUMN approval_url TEXT;

-- When the server of the video was told of a sitting here that is over.
ALTER TABLE video_viewer ADD COLUMN told_at BIGINT;
CREATE INDEX video_viewer_untold ON video_viewer (last_at) WHERE told_at IS NULL;
