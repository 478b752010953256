-- Who is here and elsewhere: actors (a name at a host with keys), accounts, users, sessions.
-- host is '' for this server. A deleted actor keeps its row, and so its name, until it is released.
CREATE TABLE actor (
    id {id},
    kind TEXT NOT NULL CHECK (kind IN ('account', 'channel', 'server')),
    name TEXT NOT NULL,
    host TEXT NOT NULL DEFAULT '',
    url TEXT UNIQUE,
    inbox_url TEXT,
    shared_inbox_url TEXT,
    outbox_url TEXT,
    followers_url TEXT,
    following_url TEXT,
    public_key TEXT,
    private_key TEXT,
    follower_count BIGINT NOT NULL DEFAULT 0,
    following_count BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    remote_created_at BIGINT,
    fetched_at BIGINT,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX actor_name ON actor (name, host);

-- Avatars and banners, each in several sizes.
CREATE TABLE actor_image (
    id {id},
    actor_id BIGINT NOT NULL REFERENCES actor(id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('avatar', 'banner')),
    filename TEXT NOT NULL UNIQUE,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    url TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX actor_image_by_actor ON actor_image (actor_id, kind, width);

CREATE TABLE users (
    id {id},
    username TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    email_verified BOOLEAN,
    pending_email TEXT,
    password_hash TEXT,
    role BIGINT NOT NULL,
    quota_bytes BIGINT NOT NULL,
    quota_daily_bytes BIGINT NOT NULL,
    admin_flags BIGINT NOT NULL DEFAULT 0,
    blocked BOOLEAN NOT NULL DEFAULT FALSE,
    blocked_reason TEXT,
    settings {json} NOT NULL,
    notification_settings {json} NOT NULL,
    otp_secret TEXT,
    otp_last_step BIGINT,
    feed_token TEXT NOT NULL UNIQUE,
    external_login TEXT,
    last_login_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX users_by_created ON users (created_at);

CREATE TABLE account (
    id {id},
    actor_id BIGINT NOT NULL UNIQUE REFERENCES actor(id),
    user_id BIGINT UNIQUE REFERENCES users(id) ON DELETE SET NULL,
    display_name TEXT NOT NULL,
    description TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- A login: the pair of tokens that a program or a browser holds. Only hashes are kept.
CREATE TABLE session (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    access_hash TEXT NOT NULL UNIQUE,
    refresh_hash TEXT NOT NULL UNIQUE,
    access_expires_at BIGINT NOT NULL,
    refresh_expires_at BIGINT NOT NULL,
    login_device TEXT,
    login_ip TEXT,
    last_device TEXT,
    last_ip TEXT,
    last_active_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX session_by_user ON session (user_id, created_at);

-- Accounts and servers muted by a user, or by the whole site (user_account_id NULL).
CREATE TABLE mute_account (
    id {id},
    by_account_id BIGINT REFERENCES account(id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX mute_account_once ON mute_account (coalesce(by_account_id, 0), account_id);
CREATE TABLE mute_server (
    id {id},
    by_account_id BIGINT REFERENCES account(id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX mute_server_once ON mute_server (coalesce(by_account_id, 0), host);
