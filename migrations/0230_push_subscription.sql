-- Browsers that are told of news while no page is open (RFC 8030). An endpoint belongs to one
-- browser, and so to the one who used it last. public_key and auth encrypt for that browser alone.
CREATE TABLE push_subscription (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    endpoint TEXT NOT NULL UNIQUE,
    public_key TEXT NOT NULL,
    auth TEXT NOT NULL,
    device TEXT,
    last_sent_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX push_subscription_user ON push_subscription (user_id, id);
