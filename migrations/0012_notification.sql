-- What a user is told. The ids say what it is about, and payload those that only some kinds have;
-- the answer reads the things anew. No references: what is about something that is gone is deleted
-- with the counts below kept right.
CREATE TABLE notification (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    kind BIGINT NOT NULL,
    read BOOLEAN NOT NULL DEFAULT FALSE,
    video_id BIGINT,
    comment_id BIGINT,
    account_id BIGINT,
    follow_id BIGINT,
    payload {json} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX notification_newest ON notification (user_id, created_at DESC, id DESC);
CREATE INDEX notification_unread ON notification (user_id, created_at DESC, id DESC) WHERE NOT read;
CREATE INDEX notification_of_kind ON notification (user_id, kind, created_at DESC, id DESC);
CREATE INDEX notification_about_video ON notification (video_id) WHERE video_id IS NOT NULL;
CREATE INDEX notification_about_comment ON notification (comment_id) WHERE comment_id IS NOT NULL;

-- How many there are for each user, so that a list can say its total without counting.
CREATE TABLE notification_count (
    user_id BIGINT PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
    total BIGINT NOT NULL,
    unread BIGINT NOT NULL
);

-- Causes that were worked off: a job that runs again tells nobody twice.
CREATE TABLE notification_cause (
    cause TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL
);
CREATE INDEX notification_cause_by_age ON notification_cause (created_at);

-- What waits for the daily mail of those who want only that.
CREATE TABLE notification_digest (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    kind BIGINT NOT NULL,
    about {json} NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX notification_digest_by_user ON notification_digest (user_id, created_at);
CREATE INDEX notification_digest_by_age ON notification_digest (created_at);
