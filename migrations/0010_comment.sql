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
    -- Of a thread: its replies at any depth that are neither deleted nor held.
    reply_count BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
-- Those that are counted hold all that says who may see a comment, so that no row is read for it.
CREATE INDEX comment_threads ON comment (video_id, created_at DESC, id DESC, held, account_id)
    WHERE parent_id IS NULL;
CREATE INDEX comment_busiest ON comment (video_id, reply_count DESC, created_at DESC, id DESC)
    WHERE parent_id IS NULL;
CREATE INDEX comment_children ON comment (parent_id, created_at, id, held, account_id);
CREATE INDEX comment_by_thread ON comment (thread_id, account_id);
CREATE INDEX comment_by_video ON comment (video_id);
CREATE INDEX comment_by_account ON comment (account_id, created_at);
CREATE INDEX comment_newest ON comment (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX comment_held ON comment (video_id, created_at) WHERE held;

-- Tags that a comment got by itself: from the lists of the video's owner, and from those of the
-- site (account_id 0).
CREATE TABLE comment_tag (
    comment_id BIGINT NOT NULL REFERENCES comment(id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (comment_id, account_id, tag)
);
CREATE INDEX comment_tag_found ON comment_tag (account_id, tag, comment_id);

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
