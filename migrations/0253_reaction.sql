-- Emoji with which accounts have reacted to videos, each once.
CREATE TABLE video_reaction (
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    emoji TEXT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (video_id, emoji, account_id)
);
CREATE INDEX video_reaction_by_account ON video_reaction (account_id);
