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
    -- The names of video and channel, folded, for searches.
    video_folded TEXT NOT NULL DEFAULT '',
    channel_folded TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL,
    -- Numbers with a space before and after each: ' 1 3 '.
    predefined_reasons TEXT NOT NULL DEFAULT '',
    start_s BIGINT,
    end_s BIGINT,
    state BIGINT NOT NULL DEFAULT 1,
    moderation_comment TEXT,
    message_count BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX abuse_newest ON abuse (created_at DESC, id);
CREATE INDEX abuse_by_state ON abuse (state, created_at DESC, id);
CREATE INDEX abuse_by_reporter ON abuse (reporter_account_id, created_at);
CREATE INDEX abuse_by_flagged ON abuse (flagged_account_id, state);
CREATE INDEX abuse_by_video ON abuse (video_id, id);
CREATE INDEX abuse_by_comment ON abuse (comment_id);

CREATE TABLE abuse_message (
    id {id},
    abuse_id BIGINT NOT NULL REFERENCES abuse(id) ON DELETE CASCADE,
    account_id BIGINT REFERENCES account(id) ON DELETE SET NULL,
    by_moderator BOOLEAN NOT NULL,
    message TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX abuse_message_by_abuse ON abuse_message (abuse_id, created_at);

-- What moderators write to each other about an account.
CREATE TABLE moderator_note (
    id {id},
    account_id BIGINT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
    author_account_id BIGINT REFERENCES account(id) ON DELETE SET NULL,
    note TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX moderator_note_by_account ON moderator_note (account_id, created_at DESC, id);

-- What moderators did, without a word about whom: for the public page.
CREATE TABLE moderation_log (
    id {id},
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    reasons TEXT NOT NULL DEFAULT '',
    -- The job that noted it, which may run twice.
    job_id BIGINT UNIQUE,
    at BIGINT NOT NULL
);
CREATE INDEX moderation_log_newest ON moderation_log (at DESC, id);
