-- Comments of ours that other servers were told of. No reference: a row outlives its comment.
CREATE TABLE federated_comment (
    comment_id BIGINT PRIMARY KEY,
    account_actor_id BIGINT NOT NULL REFERENCES actor(id) ON DELETE CASCADE,
    video_id BIGINT NOT NULL,
    url TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
