-- Requests to join that somebody decides on. state: 1 pending, 2 rejected, 3 accepted.
CREATE TABLE registration (
    id {id},
    username TEXT NOT NULL,
    email TEXT NOT NULL,
    email_verified BOOLEAN,
    password_hash TEXT NOT NULL,
    display_name TEXT,
    channel_name TEXT,
    channel_display_name TEXT,
    reason TEXT NOT NULL,
    state BIGINT NOT NULL DEFAULT 1,
    response TEXT,
    user_id BIGINT REFERENCES users(id) ON DELETE SET NULL,
    decided_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX registration_username ON registration (username) WHERE state = 1;
CREATE UNIQUE INDEX registration_email ON registration (email) WHERE state = 1;
CREATE UNIQUE INDEX registration_channel ON registration (channel_name)
    WHERE state = 1 AND channel_name IS NOT NULL;
CREATE INDEX registration_newest ON registration (created_at, id);

-- One-time codes that went out by mail, and requests to switch the second factor on. Only hashes
-- of the codes are kept. value: the address that the code proves, or the new factor's secret.
CREATE TABLE one_time_code (
    code_hash TEXT PRIMARY KEY,
    purpose TEXT NOT NULL
        CHECK (purpose IN ('password', 'email', 'registration', 'second-factor')),
    user_id BIGINT REFERENCES users(id) ON DELETE CASCADE,
    registration_id BIGINT REFERENCES registration(id) ON DELETE CASCADE,
    value TEXT,
    expires_at BIGINT NOT NULL
);
CREATE INDEX one_time_code_by_user ON one_time_code (user_id, purpose);
CREATE INDEX one_time_code_by_age ON one_time_code (expires_at);
CREATE INDEX mute_account_newest ON mute_account (coalesce(by_account_id, 0), created_at);
CREATE INDEX mute_server_newest ON mute_server (coalesce(by_account_id, 0), created_at);
