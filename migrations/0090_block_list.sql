-- Lists of muted accounts and servers that other sites publish, and this site's own.
CREATE TABLE block_subscription (
    id {id},
    url TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    last_sync_at BIGINT,
    error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Every target of each list, so that an account is muted too that is first heard of later.
CREATE TABLE block_entry (
    subscription_id BIGINT NOT NULL REFERENCES block_subscription(id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    -- Somebody here lifted the mute by hand: the list does not bring it back.
    overruled BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (subscription_id, target)
);

-- Set when a list muted it and nobody here did by hand.
ALTER TABLE mute_account ADD COLUMN subscription_id BIGINT
    REFERENCES block_subscription(id) ON DELETE CASCADE;
ALTER TABLE mute_server ADD COLUMN subscription_id BIGINT
    REFERENCES block_subscription(id) ON DELETE CASCADE;

-- What the whole site mutes and unmutes by hand, in order: the list that this site publishes.
CREATE TABLE block_log (
    id {id},
    act TEXT NOT NULL CHECK (act IN ('block', 'unblock')),
    target TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX block_log_by_time ON block_log (at, id);
