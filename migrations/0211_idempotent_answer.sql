-- What was answered to a request with a key, so that the same request again is not done again.
-- request: method and target; status: null while it is worked on; headers: pairs of name and value.
CREATE TABLE idempotent_answer (
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    request TEXT NOT NULL,
    status BIGINT,
    headers {json},
    body {blob},
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotent_answer_oldest ON idempotent_answer (created_at);
