-- Reports of videos, comments and accounts to the moderators. What was reported is kept in words,
-- so that a report can be judged after its object is gone.
CREATE TABLE abuse (
    id {id},
    reporter_account_id BIGINT REFERENCES account(id) ON DELETE SET NULL,
    flagged_account_id BIGINT REFERENCES account(id) ON DELETE SET NULL,
    subject TEXT NOT NULL CHECK (subject IN ('video', 'comment', 'account')),
    video_id BIGINT REFERENCES video(id) ON DELETE SET NULL,
    comment_id BIGINT REFERENCES comment(id) ON DELETE SET NULL,
    snapshot {json} NOT NULL,
    reason TEXT NOT NULL,
    predefined_reasons {json} NOT NULL,
    start_s BIGINT,
    end_s BIGINT,
    state BIGINT NOT NULL DEFAULT 1,
    moderation_comment TEXT,
    message_count BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX abuse_newest ON abuse (created_at DESC, id);
CREATE INDEX abuse_by_reporter ON abuse (reporter_account_id, created_at);

CREATE TABLE abuse_message (
    id {id},
    abuse_id BIGINT NOT NULL REFERENCES abuse(id) ON DELETE CASCADE,
    account_id BIGINT REFERENCES account(id) ON DELETE SET NULL,
    by_moderator BOOLEAN NOT NULL,
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX abuse_message_by_abuse ON abuse_message (abuse_id, created_at);
