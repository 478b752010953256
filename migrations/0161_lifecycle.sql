-- archived_at: since when the original lies in the storage class archive. dropped_at: since when larger renditions
-- of the video are gone, to be made again when somebody watches it.
ALTER TABLE video_source ADD COLUMN archived_at BIGINT;
ALTER TABLE video_source ADD COLUMN dropped_at BIGINT;
