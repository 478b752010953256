-- Comments: a thread is a comment without parent; its replies name it in thread_id.
-- A deleted comment keeps its row while replies hang on it: no text, no account.
CREATE TABLE comment (
    id {id},
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    account_id BIGINT REFERENCES account(id) ON DELETE CASCADE,
    thread_id BIGINT REFERENCES comment(id) ON DELETE CASCADE,
    parent_id BIGINT REFERENCES comment(id) ON DELETE CASCADE,
    url TEXT UNIQUE,
    text TEXT NOT NULL,
    held BOOLEAN NOT NULL DEFAULT FALSE,
    automatic_tags {json} NOT NULL,
    reply_count BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX comment_threads ON comment (video_id, created_at DESC, id) WHERE parent_id IS NULL;
CREATE INDEX comment_busiest ON comment (video_id, reply_count DESC, id) WHERE parent_id IS NULL;
CREATE INDEX comment_children ON comment (parent_id, created_at, id);
CREATE INDEX comment_by_thread ON comment (thread_id);
CREATE INDEX comment_by_video ON comment (video_id);
CREATE INDEX comment_by_account ON comment (account_id, created_at);
CREATE INDEX comment_newest ON comment (created_at DESC, id);
CREATE INDEX comment_held ON comment (video_id, created_at) WHERE held;

-- Lists of words that mark comments and videos: an account's own, or the site's (account_id NULL).
CREATE TABLE watched_words (
    id {id},
    account_id BIGINT REFERENCES account(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    words {json} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX watched_words_name ON watched_words (coalesce(account_id, 0), name);

-- Tags for which an account holds comments on its videos for review.
CREATE TABLE review_tag (
    account_id BIGINT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (account_id, tag)
);
