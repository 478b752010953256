-- Certificates for HTTPS, shared by all machines of a site; challenges under way; the account with
-- the certificate authority is in setting 'acme_account'.
CREATE TABLE certificate (
    name TEXT PRIMARY KEY,
    chain_pem TEXT NOT NULL,
    key_pem TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE certificate_challenge (
    token TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    key_authorization TEXT NOT NULL,
    digest {blob} NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX certificate_challenge_name ON certificate_challenge (name);
