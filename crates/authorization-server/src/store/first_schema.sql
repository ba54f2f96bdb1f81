CREATE TABLE server (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    pairwise_salt BLOB NOT NULL CHECK (length(pairwise_salt) = 32)
) STRICT;

CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('host', 'mini_program')),
    secret_hash BLOB CHECK (length(secret_hash) = 32),
    scopes TEXT NOT NULL,
    access_token_lifetime INTEGER NOT NULL,
    refresh_policy TEXT NOT NULL CHECK (refresh_policy IN ('none', 'rotating', 'fixed')),
    refresh_token_lifetime INTEGER NOT NULL,
    may_mediate_for TEXT NOT NULL,
    require_consent INTEGER NOT NULL,
    password_grant INTEGER NOT NULL,
    redirect_uris TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    preferred_username TEXT NOT NULL,
    email TEXT,
    email_verified INTEGER NOT NULL,
    phone_number TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id),
    client TEXT NOT NULL REFERENCES clients (id),
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (user, client)
) STRICT, WITHOUT ROWID;

CREATE TABLE authorizations (
    id INTEGER PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id),
    client TEXT NOT NULL REFERENCES clients (id),
    grant_id TEXT REFERENCES grants (id),
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE codes (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    authorization_id INTEGER NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL,
    code_challenge BLOB NOT NULL CHECK (length(code_challenge) = 32),
    expires_at INTEGER NOT NULL,
    spent_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_by_authorization ON codes (authorization_id);
CREATE INDEX codes_by_expiry ON codes (expires_at);

CREATE TABLE access_tokens (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    authorization_id INTEGER NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_tokens_by_authorization ON access_tokens (authorization_id);
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

CREATE TABLE refresh_tokens (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    authorization_id INTEGER NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    rotated_at INTEGER,
    successor_hash BLOB CHECK (length(successor_hash) = 32),
    sealed_successor BLOB CHECK (length(sealed_successor) = 32)
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_authorization ON refresh_tokens (authorization_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

CREATE TABLE consent_evidence (
    host TEXT NOT NULL REFERENCES clients (id),
    jti TEXT NOT NULL,
    decision TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('prompt', 'remembered', 'silent')),
    decided_at INTEGER NOT NULL,
    scopes TEXT NOT NULL,
    locale TEXT,
    digest TEXT,
    user TEXT NOT NULL REFERENCES users (id),
    client TEXT NOT NULL REFERENCES clients (id),
    grant_id TEXT NOT NULL REFERENCES grants (id),
    granted_scopes TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (host, jti)
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_evidence_by_receipt ON consent_evidence (received_at);
CREATE INDEX consent_evidence_by_grant
    ON consent_evidence (grant_id, host, mode, granted_scopes, received_at, jti);

INSERT INTO server VALUES (1, x'0707070707070707070707070707070707070707070707070707070707070707');
INSERT INTO clients VALUES
    ('bank', 'host', zeroblob(32), 'mediate openid', 600, 'fixed', 60, 'tea', 1, 1, ''),
    ('tea', 'mini_program', NULL, 'openid', 60, 'rotating', 60, '', 0, 0,
        'https://tea.example/a https://tea.example/b');
INSERT INTO users VALUES ('u', 'alice', '$argon2id$', 'alice', 'alice@mail.example', 1, NULL);
INSERT INTO grants VALUES ('g', 'u', 'tea', 'openid', 1, 2);
INSERT INTO authorizations VALUES (1, 'u', 'tea', 'g', 'openid', 3, NULL);
INSERT INTO codes VALUES (zeroblob(32), 1, 'https://tea.example/a', zeroblob(32), 9000000000000, NULL);
INSERT INTO access_tokens VALUES (zeroblob(32), 1, 'openid', 9000000000000);
INSERT INTO refresh_tokens VALUES (zeroblob(32), 1, 9000000000000, NULL, NULL, NULL);
INSERT INTO consent_evidence VALUES
    ('bank', 'j', 'd', 'prompt', 1, 'openid', 'en', NULL, 'u', 'tea', 'g', 'openid', 9000000000000);
