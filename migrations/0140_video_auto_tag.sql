-- Tags that videos get by themselves, by the site's lists of watched words.
CREATE TABLE video_auto_tag (
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (video_id, tag)
);
CREATE INDEX video_auto_tag_tag ON video_auto_tag (tag, video_id);
