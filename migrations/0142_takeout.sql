-- Archives of what somebody has here. state: 1 waiting, 2 being made, 3 ready, 4 failed.
CREATE TABLE user_export (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    with_files BOOLEAN NOT NULL,
    state BIGINT NOT NULL DEFAULT 1,
    key TEXT NOT NULL UNIQUE,
    size_bytes BIGINT,
    progress BIGINT NOT NULL DEFAULT 0,
    error TEXT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX user_export_once ON user_export (user_id) WHERE state <> 4;
CREATE INDEX user_export_user ON user_export (user_id, created_at DESC, id);

-- Archives that were brought along. report: what came of each part.
CREATE TABLE user_import (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    state BIGINT NOT NULL DEFAULT 1,
    key TEXT NOT NULL UNIQUE,
    filename TEXT NOT NULL,
    progress BIGINT NOT NULL DEFAULT 0,
    report {json},
    error TEXT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX user_import_once ON user_import (user_id) WHERE state IN (1, 2);
CREATE INDEX user_import_user ON user_import (user_id, created_at DESC, id);
