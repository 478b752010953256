-- Who may see a video beside those whom its privacy lets: a user, the members of a group, or
-- whoever has the link. group_id names a user_group; without the group nobody is let in.
CREATE TABLE video_share (
    id {id},
    video_id BIGINT NOT NULL REFERENCES video(id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'group', 'link')),
    account_id BIGINT REFERENCES account(id) ON DELETE CASCADE,
    group_id BIGINT,
    token TEXT UNIQUE,
    label TEXT,
    view_limit BIGINT,
    views BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX video_share_user ON video_share (account_id, video_id)
    WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX video_share_group ON video_share (group_id, video_id)
    WHERE group_id IS NOT NULL;
CREATE INDEX video_share_by_video ON video_share (video_id, created_at, id);
