-- Failed log-ins of an account lately, for all machines of the site together.
CREATE TABLE login_trouble (
    name TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX login_trouble_by_age ON login_trouble (ends_at);
