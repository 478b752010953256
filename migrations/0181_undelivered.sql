-- What a server did not take: refused, or given up after a week. It can be sent again while the
-- activity is kept.
CREATE TABLE undelivered (
    id {id},
    sent_activity_id BIGINT NOT NULL REFERENCES sent_activity(id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    inbox_url TEXT NOT NULL,
    error TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX undelivered_by_host ON undelivered (host, id);
CREATE INDEX undelivered_by_activity ON undelivered (sent_activity_id);
