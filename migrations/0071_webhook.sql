-- Addresses that are called when something happens. events: names, or none for all.
CREATE TABLE webhook (
    id {id},
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    events {json} NOT NULL,
    enabled BOOLEAN NOT NULL,
    last_status BIGINT,
    last_error TEXT,
    last_called_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
