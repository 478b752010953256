-- Answers of SAML providers: what was used once is not taken again until it is too old, and whom an answer proves waits
-- here for the browser that asked. Only hashes of the tickets are kept.
CREATE TABLE saml_assertion (
    assertion_hash TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX saml_assertion_by_age ON saml_assertion (expires_at);
CREATE TABLE saml_answer (
    ticket_hash TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    request_id TEXT NOT NULL,
    who {json} NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX saml_answer_by_age ON saml_answer (expires_at);
