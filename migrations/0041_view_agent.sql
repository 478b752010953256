-- With what a video was watched, as its player says: figures for the owner, not for tracking.
ALTER TABLE video_viewer ADD COLUMN client TEXT;
ALTER TABLE video_viewer ADD COLUMN device TEXT;
ALTER TABLE video_viewer ADD COLUMN system TEXT;
