-- What a user is told. payload holds the ids of what it is about; the answer reads them anew.
CREATE TABLE notification (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    kind BIGINT NOT NULL,
    read BOOLEAN NOT NULL DEFAULT FALSE,
    video_id BIGINT REFERENCES video(id) ON DELETE CASCADE,
    comment_id BIGINT REFERENCES comment(id) ON DELETE CASCADE,
    account_id BIGINT REFERENCES account(id) ON DELETE CASCADE,
    follow_id BIGINT REFERENCES follow(id) ON DELETE CASCADE,
    payload {json} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX notification_newest ON notification (user_id, created_at DESC, id);
CREATE INDEX notification_unread ON notification (user_id, created_at DESC, id) WHERE NOT read;

-- How many there are for each user, so that a list can say its total without counting.
CREATE TABLE notification_count (
    user_id BIGINT PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
    total BIGINT NOT NULL,
    unread BIGINT NOT NULL
);
