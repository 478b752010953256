-- What an uploaded file is known by: its length and the digest of its beginning, middle and end.
ALTER TABLE video_source ADD COLUMN fingerprint TEXT;
CREATE INDEX video_source_fingerprint ON video_source (fingerprint) WHERE fingerprint IS NOT NULL;
