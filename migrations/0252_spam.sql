-- In how many comments of either kind a word or another mark was; '' counts the comments themselves.
CREATE TABLE spam_mark (
    mark TEXT PRIMARY KEY,
    spam BIGINT NOT NULL DEFAULT 0,
    good BIGINT NOT NULL DEFAULT 0,
    seen_at BIGINT NOT NULL
);
-- How like spam a comment is in percent, why, and as what the filter has learnt it.
CREATE TABLE comment_spam (
    comment_id BIGINT PRIMARY KEY REFERENCES comment(id) ON DELETE CASCADE,
    percent BIGINT,
    reasons {json},
    is_spam BOOLEAN
);
