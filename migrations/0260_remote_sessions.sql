-- How many sittings before a video another server has told of in an hour.
ALTER TABLE remote_watching ADD COLUMN sessions BIGINT NOT NULL DEFAULT 0;
ALTER TABLE remote_watching ADD COLUMN sessions_hour_at BIGINT NOT NULL DEFAULT 0;
