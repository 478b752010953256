-- A channel belongs to an account; videos belong to channels.
CREATE TABLE channel (
    id {id},
    actor_id BIGINT NOT NULL UNIQUE REFERENCES actor(id),
    account_id BIGINT NOT NULL REFERENCES account(id),
    display_name TEXT NOT NULL,
    folded TEXT NOT NULL DEFAULT '',
    description TEXT,
    support TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_published_at BIGINT
);
CREATE INDEX channel_by_account ON channel (account_id, created_at);
CREATE INDEX channel_by_created ON channel (created_at, id);

-- Who follows whom. A user's subscription is a follow from the account's actor.
CREATE TABLE follow (
    id {id},
    follower_actor_id BIGINT NOT NULL REFERENCES actor(id) ON DELETE CASCADE,
    actor_id BIGINT NOT NULL REFERENCES actor(id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'rejected')),
    score BIGINT NOT NULL DEFAULT 1000,
    url TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX follow_once ON follow (follower_actor_id, actor_id);
CREATE INDEX follow_by_target ON follow (actor_id, state, created_at);

-- People who help with a channel: invited ('pending'), then 'accepted' or 'rejected'.
CREATE TABLE channel_collaborator (
    id {id},
    channel_id BIGINT NOT NULL REFERENCES channel(id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'accepted', 'rejected')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX channel_collaborator_once ON channel_collaborator (channel_id, account_id);
