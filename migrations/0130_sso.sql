-- Log-ins that stand elsewhere (a forum, a directory), each belonging to one user here.
CREATE TABLE login_link (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    shown_name TEXT NOT NULL,
    -- The account was made for this log-in, so role and quota follow its groups both ways.
    managed BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX login_link_subject ON login_link (provider, subject);
CREATE UNIQUE INDEX login_link_user ON login_link (user_id, provider);

-- Log-ins under way: the browser was sent there and has not come back yet. Only hashes are kept.
CREATE TABLE login_attempt (
    state_hash TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    browser_hash TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    next_path TEXT NOT NULL,
    link_user_id BIGINT REFERENCES users(id) ON DELETE CASCADE,
    for_program BOOLEAN NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX login_attempt_by_age ON login_attempt (expires_at);

-- What a program trades for tokens after a log-in in a browser; each works once.
CREATE TABLE login_handover (
    token_hash TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);
CREATE INDEX login_handover_by_age ON login_handover (expires_at);

-- Other programs whose people log in with an account of this site.
CREATE TABLE oauth_app (
    id {id},
    client_id TEXT NOT NULL UNIQUE,
    -- NULL for programs that cannot keep a secret; they prove themselves by PKCE.
    secret_hash TEXT,
    name TEXT NOT NULL,
    redirect_uris {json} NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE oauth_code (
    code_hash TEXT PRIMARY KEY,
    app_id BIGINT NOT NULL REFERENCES oauth_app(id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    nonce TEXT,
    challenge TEXT,
    authenticated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- Set at the first use; a second use voids what came of the first.
    grant_id BIGINT
);
CREATE INDEX oauth_code_by_age ON oauth_code (expires_at);

CREATE TABLE oauth_grant (
    id {id},
    app_id BIGINT NOT NULL REFERENCES oauth_app(id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    access_hash TEXT NOT NULL UNIQUE,
    refresh_hash TEXT NOT NULL UNIQUE,
    access_expires_at BIGINT NOT NULL,
    refresh_expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX oauth_grant_by_user ON oauth_grant (user_id, app_id);

-- What a person has allowed an app to know.
CREATE TABLE oauth_consent (
    app_id BIGINT NOT NULL REFERENCES oauth_app(id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, user_id)
);
