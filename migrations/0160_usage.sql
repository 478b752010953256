-- What the site has used in a month (202611 is November 2026), added up once a minute.
-- sent: out of this server, to viewers and to other servers. given: what viewers got from the bucket by signed
-- addresses, as far as it can be known. read, written: between this server and the bucket.
CREATE TABLE usage_month (
    month BIGINT PRIMARY KEY,
    viewer_bytes BIGINT NOT NULL DEFAULT 0,
    viewer_requests BIGINT NOT NULL DEFAULT 0,
    server_bytes BIGINT NOT NULL DEFAULT 0,
    server_requests BIGINT NOT NULL DEFAULT 0,
    given_bytes BIGINT NOT NULL DEFAULT 0,
    given_requests BIGINT NOT NULL DEFAULT 0,
    read_bytes BIGINT NOT NULL DEFAULT 0,
    read_requests BIGINT NOT NULL DEFAULT 0,
    written_bytes BIGINT NOT NULL DEFAULT 0,
    write_requests BIGINT NOT NULL DEFAULT 0
);
