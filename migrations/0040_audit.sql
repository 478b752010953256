-- Who changed what over the API. The name stays when the user is gone.
CREATE TABLE audit (
    id {id},
    at BIGINT NOT NULL,
    user_id BIGINT REFERENCES users(id) ON DELETE SET NULL,
    username TEXT NOT NULL,
    domain TEXT NOT NULL,
    action TEXT NOT NULL,
    data {json} NOT NULL
);
CREATE INDEX audit_newest ON audit (at DESC, id);
