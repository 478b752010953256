-- How like its source a rendition is, in hundredths of a point, and what was expected before it was made.
ALTER TABLE video_file ADD COLUMN score BIGINT;
ALTER TABLE video_file ADD COLUMN score_metric TEXT;
ALTER TABLE video_file ADD COLUMN crf BIGINT;
ALTER TABLE video_file ADD COLUMN expected_score BIGINT;
ALTER TABLE video_file ADD COLUMN expected_bytes BIGINT;
