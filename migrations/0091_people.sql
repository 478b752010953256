-- Groups of users: with room of their own, and for videos that only a group may see.
CREATE TABLE user_group (
    id {id},
    name TEXT NOT NULL UNIQUE,
    description TEXT,
    -- Bytes; -1 for no limit, NULL for whatever each user has.
    quota_bytes BIGINT,
    quota_daily_bytes BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE user_group_member (
    group_id BIGINT NOT NULL REFERENCES user_group(id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX user_group_member_by_user ON user_group_member (user_id);

-- Codes that let somebody sign up, and who came with them.
CREATE TABLE invitation (
    id {id},
    code TEXT NOT NULL UNIQUE,
    inviter_user_id BIGINT REFERENCES users(id) ON DELETE CASCADE,
    note TEXT,
    max_uses BIGINT NOT NULL,
    uses BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX invitation_by_inviter ON invitation (inviter_user_id, created_at DESC, id);
CREATE INDEX invitation_newest ON invitation (created_at DESC, id);
-- The inviter's name stays when the inviter is gone.
CREATE TABLE invited (
    user_id BIGINT PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
    invitation_id BIGINT REFERENCES invitation(id) ON DELETE SET NULL,
    inviter_username TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX invited_by_invitation ON invited (invitation_id);

-- Tokens that people make for their own programs. Only hashes are kept. scopes: words with spaces.
CREATE TABLE personal_token (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    last_ip TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX personal_token_by_user ON personal_token (user_id, created_at DESC, id);

-- Devices that a user logged in with before; a new one is told by mail. Only hashes are kept.
CREATE TABLE known_device (
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    device_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, device_hash)
);

-- Passkeys: public keys that log somebody in. public_key: its numbers in base64, with dots.
CREATE TABLE passkey (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    credential_id TEXT NOT NULL UNIQUE,
    algorithm BIGINT NOT NULL,
    public_key TEXT NOT NULL,
    sign_count BIGINT NOT NULL,
    last_used_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX passkey_by_user ON passkey (user_id, created_at);
-- Challenges that were given out and not answered yet.
CREATE TABLE passkey_challenge (
    challenge TEXT PRIMARY KEY,
    user_id BIGINT REFERENCES users(id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);
CREATE INDEX passkey_challenge_by_age ON passkey_challenge (expires_at);
