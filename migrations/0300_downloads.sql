-- How often the files of a video were saved: in all, by the hour, and what other servers tell of in an hour.
ALTER TABLE video ADD COLUMN downloads BIGINT NOT NULL DEFAULT 0;
CREATE TABLE video_download_hour (
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    hour_at BIGINT NOT NULL,
    downloads BIGINT NOT NULL,
    PRIMARY KEY (video_id, hour_at)
);
ALTER TABLE remote_watching ADD COLUMN downloads BIGINT NOT NULL DEFAULT 0;
ALTER TABLE remote_watching ADD COLUMN downloads_hour_at BIGINT NOT NULL DEFAULT 0;
