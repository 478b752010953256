-- Reactions of ours that other servers were told of. No reference: rows outlive what they tell of.
CREATE TABLE federated_reaction (
    account_id BIGINT NOT NULL,
    video_id BIGINT NOT NULL,
    emoji TEXT NOT NULL,
    url TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, video_id, emoji)
);
