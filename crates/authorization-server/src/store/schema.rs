//! The tables. Codes, tokens and client secrets are there only as SHA-256, passwords as argon2id,
//! signing keys encrypted.

/// The schema that this server reads and writes, kept in `user_version`. Files of the versions
/// before it are brought up to it when they are opened.
pub(super) const VERSION: i64 = 2;

/// Marks the file as ours, kept in `application_id`: the ASCII letters `mhas`.
pub(crate) const APPLICATION_ID: i64 = 0x6d68_6173;

/// An authorization is what one code, one sign-in or one client's own request led to; ending it
/// ends its code and all of its tokens. Times are milliseconds since the Unix epoch. Lists of scopes
/// and URIs are separated by spaces, which none of them may contain.
pub(super) const CREATE: &str = "
CREATE TABLE server (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    pairwise_salt BLOB NOT NULL CHECK (length(pairwise_salt) = 32),
    registry_version INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    registration TEXT NOT NULL,
    removed_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY,
    algorithm TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    signs_from INTEGER NOT NULL,
    superseded_at INTEGER
) STRICT, WITHOUT ROWID;

-- Without a username and a password hash the user signs in elsewhere, where they are known by
-- external_id, which begins with who knows them so.
CREATE TABLE users (
    id TEXT PRIMARY KEY,
    username TEXT UNIQUE,
    password_hash TEXT,
    external_id TEXT UNIQUE,
    preferred_username TEXT NOT NULL,
    email TEXT,
    email_verified INTEGER NOT NULL,
    phone_number TEXT,
    CHECK (username IS NOT NULL OR external_id IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- A user's session with this server in one browser.
CREATE TABLE browser_sessions (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    user TEXT NOT NULL REFERENCES users (id),
    method TEXT NOT NULL,
    user_agent TEXT,
    authenticated_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX browser_sessions_by_user ON browser_sessions (user);
CREATE INDEX browser_sessions_by_expiry ON browser_sessions (expires_at);

-- Who signed in when, from where and how.
CREATE TABLE logins (
    id INTEGER PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id),
    at INTEGER NOT NULL,
    method TEXT NOT NULL,
    address TEXT,
    user_agent TEXT,
    client TEXT
) STRICT;
CREATE INDEX logins_by_user ON logins (user, at);
CREATE INDEX logins_by_time ON logins (at);

-- Sign-ins that an external authentication system was asked for. The source is the network of the
-- browser, and the site the wider one that it may be a part of: so many may wait of each.
CREATE TABLE external_logins (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    browser_hash BLOB NOT NULL CHECK (length(browser_hash) = 32),
    source TEXT,
    site TEXT,
    continue_to TEXT NOT NULL,
    needs_proof INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX external_logins_by_expiry ON external_logins (expires_at);
CREATE INDEX external_logins_waiting_by_source
    ON external_logins (source, expires_at, used_at) WHERE used_at IS NULL;
CREATE INDEX external_logins_waiting_by_site
    ON external_logins (site, expires_at, used_at) WHERE used_at IS NULL AND site IS NOT NULL;

-- A grant that was ended stays as the record of what was; a new one then gets a new id.
CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    user TEXT NOT NULL REFERENCES users (id),
    client TEXT NOT NULL REFERENCES clients (id),
    scopes TEXT NOT NULL,
    remembered_scopes TEXT NOT NULL DEFAULT '',
    remembered_audience TEXT NOT NULL DEFAULT '',
    remembered_until INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX grants_in_force ON grants (user, client) WHERE ended_at IS NULL;

-- What one request led to. Where it led to a code, that is the one it begins with.
CREATE TABLE authorizations (
    id INTEGER PRIMARY KEY,
    user TEXT REFERENCES users (id),
    client TEXT NOT NULL REFERENCES clients (id),
    grant_id TEXT REFERENCES grants (id),
    mediator TEXT REFERENCES clients (id),
    session_id INTEGER REFERENCES browser_sessions (id),
    scopes TEXT NOT NULL,
    audience TEXT NOT NULL DEFAULT '',
    nonce TEXT,
    key_thumbprint BLOB CHECK (length(key_thumbprint) = 32),
    instance_thumbprint BLOB CHECK (length(instance_thumbprint) = 32),
    authenticated_at INTEGER,
    created_at INTEGER NOT NULL,
    ends_at INTEGER,
    revoked_at INTEGER,
    code_hash BLOB CHECK (length(code_hash) = 32),
    code_challenge BLOB CHECK (length(code_challenge) = 32),
    code_expires_at INTEGER,
    code_spent_at INTEGER,
    redirect_uri TEXT,
    redirect_uri_was_given INTEGER,
    CHECK ((code_hash IS NULL) = (code_expires_at IS NULL)),
    CHECK ((code_hash IS NULL) = (redirect_uri IS NULL)),
    CHECK ((code_hash IS NULL) = (redirect_uri_was_given IS NULL))
) STRICT;
CREATE UNIQUE INDEX authorizations_by_code ON authorizations (code_hash)
    WHERE code_hash IS NOT NULL;
CREATE INDEX authorizations_by_session ON authorizations (session_id) WHERE session_id IS NOT NULL;

CREATE TABLE access_tokens (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    authorization_id INTEGER NOT NULL REFERENCES authorizations (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    audience TEXT NOT NULL DEFAULT '',
    key_thumbprint BLOB CHECK (length(key_thumbprint) = 32),
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
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

-- Authorization requests that were pushed (RFC 9126).
CREATE TABLE pushed_requests (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    client TEXT NOT NULL REFERENCES clients (id),
    source TEXT,
    site TEXT,
    parameters TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX pushed_requests_by_expiry ON pushed_requests (expires_at);
CREATE INDEX pushed_requests_waiting_by_source
    ON pushed_requests (source, expires_at, used_at) WHERE used_at IS NULL;
CREATE INDEX pushed_requests_waiting_by_site
    ON pushed_requests (site, expires_at, used_at) WHERE used_at IS NULL AND site IS NOT NULL;
CREATE INDEX pushed_requests_waiting_by_client
    ON pushed_requests (client, expires_at, used_at) WHERE used_at IS NULL;

-- Codes that are confirmed on another device (RFC 8628). Without a client it is this server's own
-- sign-in page that waits. The user is who decided, through the host or in the session of a browser;
-- without approved scopes they said no. The grant is what they gave the client by that.
CREATE TABLE device_requests (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    user_code_hash BLOB NOT NULL UNIQUE CHECK (length(user_code_hash) = 32),
    client TEXT REFERENCES clients (id),
    source TEXT,
    site TEXT,
    scopes TEXT NOT NULL,
    audience TEXT NOT NULL DEFAULT '',
    address TEXT,
    user_agent TEXT,
    interval INTEGER NOT NULL,
    polled_at INTEGER,
    decided_at INTEGER,
    user TEXT REFERENCES users (id),
    host TEXT REFERENCES clients (id),
    session_id INTEGER REFERENCES browser_sessions (id),
    approved_scopes TEXT,
    grant_id TEXT REFERENCES grants (id),
    authenticated_at INTEGER,
    used_at INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX device_requests_by_expiry ON device_requests (expires_at);
CREATE INDEX device_requests_by_user ON device_requests (user) WHERE user IS NOT NULL;
CREATE INDEX device_requests_by_session
    ON device_requests (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX device_requests_waiting_by_source
    ON device_requests (source, expires_at, decided_at) WHERE decided_at IS NULL;
CREATE INDEX device_requests_waiting_by_site
    ON device_requests (site, expires_at, decided_at) WHERE decided_at IS NULL AND site IS NOT NULL;
CREATE INDEX device_requests_waiting_by_client
    ON device_requests (client, expires_at, decided_at) WHERE decided_at IS NULL;

-- Identifiers of assertions and proofs that were used, until they expire by themselves.
CREATE TABLE used_assertions (
    issuer TEXT NOT NULL,
    jti TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, jti)
) STRICT, WITHOUT ROWID;
CREATE INDEX used_assertions_by_expiry ON used_assertions (expires_at);

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
";
