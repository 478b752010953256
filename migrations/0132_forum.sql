-- The topic of a forum where people talk about a video, and which comment came of which post.
-- The topic outlives its video long enough to be closed.
CREATE TABLE forum_topic (
    video_uuid TEXT PRIMARY KEY,
    topic_id BIGINT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX forum_topic_newest ON forum_topic (created_at);

CREATE TABLE forum_post (
    post_id BIGINT PRIMARY KEY,
    topic_id BIGINT NOT NULL,
    post_number BIGINT NOT NULL,
    comment_id BIGINT NOT NULL REFERENCES comment(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX forum_post_number ON forum_post (topic_id, post_number);
