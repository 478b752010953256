-- How much of an import has come: bytes so far, and in all when its source says so.
ALTER TABLE video_import ADD COLUMN received_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE video_import ADD COLUMN expected_bytes BIGINT;
