-- Lists of watched words that are read from elsewhere. state: 1 waiting, 2 being read, 3 read,
-- 4 could not be read.
CREATE TABLE watched_words_subscription (
    id {id},
    account_id BIGINT REFERENCES account(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    word_count BIGINT NOT NULL,
    state BIGINT NOT NULL,
    last_sync_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX watched_words_subscription_once
    ON watched_words_subscription (coalesce(account_id, 0), url);

ALTER TABLE watched_words ADD COLUMN subscription_id BIGINT
    REFERENCES watched_words_subscription(id) ON DELETE CASCADE;

-- Tags for which new videos are blocked until somebody has looked at them.
CREATE TABLE block_tag (
    tag TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL
);
