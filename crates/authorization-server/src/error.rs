//! What can go wrong for the program that embeds the server.
//!
//! What a client over HTTP sees is in [`crate::http`]; it is never built from these texts.

use std::path::PathBuf;
use std::time::Duration;

use crate::client::ClientId;
use crate::jose::KeyError;

/// Why the server could not be opened. Each message is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The issuer is not a usable issuer identifier (RFC 8414 §2).
    #[error(
        "the issuer must be an https URL, or http on the loopback interface, without path, query or fragment"
    )]
    Issuer,
    /// See [`Lifetimes::code`](crate::Lifetimes::code).
    #[error("the lifetime of authorization codes must be 1 to 60 seconds, not {0:?}")]
    CodeLifetime(Duration),
    /// See [`AuthenticationSystem`](crate::AuthenticationSystem).
    #[error(
        "the authentication system must have an identifier, and an https URL, or http on the loopback interface, without fragment"
    )]
    AuthenticationSystem,
    /// There is no key to sign with what the authentication system is sent.
    #[error("no key for login requests could be made: {0}")]
    SigningKey(String),
    /// The database file cannot be created, read or written.
    #[error(
        "the database file {path} cannot be opened for writing: {reason}; check that its directory exists and is writable"
    )]
    Inaccessible {
        /// The file.
        path: PathBuf,
        /// What the operating system or SQLite says.
        reason: String,
    },
    /// Another process holds the database.
    #[error("the database file {path} is locked by another process; stop that process first")]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a SQLite database, or its contents fail the integrity check.
    #[error(
        "the database file {path} is damaged ({reason}); restore it from a copy, or move it away to start with an empty one"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// The file is a sound SQLite database that belongs to something else.
    #[error("the database file {path} belongs to another program; choose another file")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by another version of this server.
    #[error(
        "the database file {path} has schema version {found}, but this server knows version {known}; use the server that wrote it"
    )]
    SchemaVersion {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: i64,
        /// The version that this server reads and writes.
        known: i64,
    },
    /// The file was written by another build of this version.
    #[error(
        "the database file {path} has other tables than this server makes; use the server that wrote it, or move it away to start with an empty one"
    )]
    Tables {
        /// The file.
        path: PathBuf,
    },
    /// A server is running on the database.
    #[error(
        "another server is running on the database file {path}; stop it first, or choose another file"
    )]
    Served {
        /// The file.
        path: PathBuf,
    },
    /// The database holds signing keys, and the file that opens them is not there.
    #[error(
        "the key file {path} is missing; restore it from a copy, or make new signing keys with `keys reset`"
    )]
    KeyFileMissing {
        /// The key file.
        path: PathBuf,
    },
    /// The key file is damaged, or that of another database.
    #[error(
        "the key file {path} does not open the signing keys in the database; restore it from a copy, or make new signing keys with `keys reset`"
    )]
    KeyFile {
        /// The key file.
        path: PathBuf,
    },
    /// The operating system gave no randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// What is stored of clients or keys cannot be read.
    #[error(
        "what is stored of clients and keys cannot be read ({0}); restore the database from a copy"
    )]
    Registry(#[from] StoreError),
    /// A thread could not be started, or ended before its time.
    #[error("the server could not start its threads: {0}")]
    Thread(String),
}

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness: {0}")]
pub struct RandomnessError(pub(crate) getrandom::Error);

/// A value that may not be registered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidRegistration {
    /// See [`ClientId::new`](crate::ClientId::new).
    #[error("a client id must be 1 to 128 visible ASCII characters without a space")]
    ClientId,
    /// See [`ClientId::new`](crate::ClientId::new).
    #[error("a client id must not be 43 characters of base64url, as the open_id of a user is")]
    ClientIdLikeSubject,
    /// See [`Names::new`](crate::Names::new).
    #[error(
        "a name must be 1 to 80 characters, all of which can be seen, with a letter or a digit"
    )]
    Name,
    /// See [`Names::new`](crate::Names::new).
    #[error("a word of a name must not mix scripts, such as Latin and Cyrillic")]
    MixedScripts,
    /// See [`WebOrigin::new`](crate::WebOrigin::new).
    #[error("an origin must be exactly like https://a.example, or http on a loopback host")]
    Origin,
    /// See [`Resource::new`](crate::Resource::new).
    #[error("a resource must be an absolute URI without a fragment")]
    Resource,
    /// See [`PublicKeys::from_json`](crate::PublicKeys::from_json).
    #[error(
        "public keys must be a JWK Set of 1 to 8 keys, RSA from 2,048 bits, P-256 or Ed25519, without private parts"
    )]
    PublicKeys,
    /// See [`ClientSecret::new`](crate::ClientSecret::new).
    #[error("a client secret must be 32 to 256 printable ASCII characters")]
    ClientSecret,
    /// See [`Scopes::parse`](crate::Scopes::parse).
    #[error(
        "a scope must be 1 to 128 characters of RFC 6749 section 3.3, and there may be 32 of them"
    )]
    Scope,
    /// See [`RedirectUri::new`](crate::RedirectUri::new).
    #[error(
        "a redirect URI must be an https URL, http on a loopback host, or a path of a private-use scheme with a dot, without user information or fragment"
    )]
    RedirectUri,
    /// A private-use scheme leads to a program on its user's device (RFC 8252 §7.1).
    #[error("only a host or a native program may have a redirect URI of a private-use scheme")]
    PrivateUseOfWeb,
    /// A token in a fragment is not bound to a key (RFC 9449 §5).
    #[error("a client whose tokens must be bound to a key must not use the implicit grant")]
    ImplicitGrantWithDpop,
    /// A mini-program without a redirect URI could never be sent an answer.
    #[error("a mini-program that is answered by redirect must have at least one redirect URI")]
    NoRedirectUri,
    /// Only a host may hold the scope that allows mediation.
    #[error("a mini-program may not have the scope mediate")]
    Mediate,
    /// See [`ClientRegistration::access_token_lifetime`](crate::ClientRegistration::access_token_lifetime).
    #[error(
        "access tokens must live for 1 second to 24 hours, those of a host for at least 10 minutes"
    )]
    AccessTokenLifetime,
    /// See [`RefreshPolicy`](crate::RefreshPolicy).
    #[error("refresh tokens must live for 1 second to 366 days")]
    RefreshTokenLifetime,
    /// See [`RefreshPolicy::Fixed`](crate::RefreshPolicy::Fixed).
    #[error("the refresh tokens of a client that does not prove who it is must rotate")]
    FixedRefreshOfPublicClient,
    /// Without a secret anybody could try passwords in the host's name.
    #[error("a host that may use the password grant must prove who it is")]
    PasswordGrantWithoutSecret,
    /// The password grant is for the operator's own programs (RFC 6749 §4.3).
    #[error("only a host may use the password grant")]
    PasswordGrantOfOther,
    /// RFC 6749 §4.4.
    #[error("a client that gets tokens for itself must prove who it is")]
    ClientCredentialsWithoutProof,
    /// A resource server is shown tokens; it gets none.
    #[error("a resource server may not use any grant")]
    GrantOfResourceServer,
    /// RFC 7662 §2.1.
    #[error("a resource server must prove who it is")]
    ResourceServerWithoutProof,
    /// RFC 9700 §2.1.1.
    #[error("a client that does not prove who it is must use PKCE")]
    PublicClientWithoutPkce,
    /// See [`Dialect::OpenPlatform`](crate::Dialect::OpenPlatform).
    #[error("only a client that proves who it is may speak the dialect of open platforms")]
    DialectOfPublicClient,
    /// A page cannot keep a secret.
    #[error("only a client without a secret may have origins")]
    OriginsOfConfidentialClient,
    /// See [`ClientRegistration::default_scopes`](crate::ClientRegistration::default_scopes).
    #[error("the default scopes must be among the scopes")]
    DefaultScopes,
    /// See [`UserRegistration::username`](crate::UserRegistration::username).
    #[error("a username must be 1 to 256 characters without control characters")]
    Username,
}

/// Why a client or user could not be registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The registration contradicts itself or a rule; nothing was stored.
    #[error(transparent)]
    Invalid(#[from] InvalidRegistration),
    /// The password could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Hashing(String),
    /// No signing key could be made.
    #[error("no signing key could be made: {0}")]
    Key(String),
    /// New keys would sign while clients may still have a key set without them, or after more than 7 days.
    #[error("new keys must be published for 600 to 604800 seconds before they sign, not for {}", .0.as_secs())]
    KeyLead(Duration),
    /// The operating system gave no randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// There is no client of this identifier.
    #[error("there is no client {0}")]
    NoSuchClient(ClientId),
    /// There is no user of this username.
    #[error("there is no user {0}")]
    NoSuchUser(String),
    /// People might take the client for another one: the names look alike, and no publisher is named
    /// that is the same for both (UTS #39).
    #[error("people might take this client for {0}: give it another name, or both one publisher")]
    LooksLike(ClientId),
    /// The client has no shared secret that could be replaced.
    #[error("the client {0} has no secret")]
    NoSecret(ClientId),
    /// The database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database did not take the registration.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<KeyError> for RegistryError {
    fn from(error: KeyError) -> Self {
        Self::Key(error.to_string())
    }
}

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The server was closed, or the database cannot be written now (disk full, locked by another
    /// process). Nothing of the operation was stored; it may be tried again.
    #[error("the database is not available now: {0}")]
    Unavailable(String),
    /// The database refused the operation for a reason that trying again does not change.
    #[error("the database failed: {0}")]
    Failed(#[source] rusqlite::Error),
}

impl StoreError {
    pub(crate) fn closed() -> Self {
        Self::Unavailable("the server is closed".to_owned())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, OutOfMemory, ReadOnly,
            SystemIoFailure,
        };
        match error.sqlite_error_code() {
            Some(
                DatabaseBusy | DatabaseLocked | DiskFull | SystemIoFailure | CannotOpen | ReadOnly
                | OutOfMemory,
            ) => Self::Unavailable(error.to_string()),
            _ => Self::Failed(error),
        }
    }
}
