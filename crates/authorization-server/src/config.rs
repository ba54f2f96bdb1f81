//! What the embedding program decides about the server.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::accounts::AccountService;
use crate::clock::{Clock, SystemClock};
use crate::error::OpenError;
use crate::login::LoginPlace;
use crate::proxy::TrustedProxies;
use crate::redirect_uri::is_secure_or_loopback;

/// `expires_in` counts whole seconds, and a code that lives for none of them could not be used.
const MIN_CODE: Duration = Duration::from_secs(1);
/// Shorter than the ten minutes of RFC 6749 §4.1.2: a program redeems its code at once.
const MAX_CODE: Duration = Duration::from_secs(60);

/// How to open an [`AuthorizationServer`](crate::AuthorizationServer).
pub struct Config {
    /// The issuer identifier (RFC 8414 §2), an origin: `https://…`, or `http://…` on the loopback
    /// interface. It goes into the metadata without a trailing slash.
    pub issuer: Url,
    /// The SQLite file; made when it is not there. Two more files, `-wal` and `-shm`, lie beside it
    /// while the server is open.
    pub database: PathBuf,
    /// The source of time.
    pub clock: Arc<dyn Clock>,
    /// How long things live that are the same for all clients.
    pub lifetimes: Lifetimes,
    /// Who knows the users' passwords: this server itself when it is `None`, the default, or a
    /// service of the operator.
    pub accounts: Option<Arc<dyn AccountService>>,
    /// Where users sign in in a browser: on this server's own page by default.
    pub login: LoginPlace,
    /// The proxies that tell the addresses of those for whom they ask. None by default: then the
    /// address of the connection is the client's, whatever a header says.
    pub trusted_proxies: TrustedProxies,
    /// How many requests may wait for their users at once.
    pub open_requests: OpenRequests,
}

impl Config {
    /// The usual configuration: the system's clock, the default lifetimes, passwords kept here.
    #[must_use]
    pub fn new(issuer: Url, database: impl Into<PathBuf>) -> Self {
        Self {
            issuer,
            database: database.into(),
            clock: Arc::new(SystemClock),
            lifetimes: Lifetimes::default(),
            accounts: None,
            login: LoginPlace::Here,
            trusted_proxies: TrustedProxies::default(),
            open_requests: OpenRequests::default(),
        }
    }

    /// Checks what can be checked without opening anything, as opening does.
    ///
    /// # Errors
    /// When the issuer is not a usable one, or a lifetime is out of its bounds.
    pub fn check(&self) -> Result<(), OpenError> {
        Issuer::new(&self.issuer)?;
        self.lifetimes.check()?;
        self.login.check()?;
        Ok(())
    }
}

/// Spans that are the same for all clients.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lifetimes {
    /// Of an authorization code: 1 to 60 seconds. 60 by default.
    pub code: Duration,
    /// How long a rotated refresh token may be repeated, in case the answer got lost. 5 seconds by
    /// default; zero for never.
    pub refresh_grace: Duration,
    /// How old the user's answer to a consent prompt may be. 300 seconds by default.
    pub consent_prompt: Duration,
    /// How long a user stays signed in in a browser that they do not use. An hour by default.
    pub session_idle: Duration,
    /// How long a user stays signed in in a browser at all. 12 hours by default.
    pub session: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            code: Duration::from_secs(60),
            refresh_grace: Duration::from_secs(5),
            consent_prompt: Duration::from_secs(300),
            session_idle: Duration::from_secs(60 * 60),
            session: Duration::from_secs(12 * 60 * 60),
        }
    }
}

impl Lifetimes {
    pub(crate) fn check(self) -> Result<Self, OpenError> {
        if !(MIN_CODE..=MAX_CODE).contains(&self.code) {
            return Err(OpenError::CodeLifetime(self.code));
        }
        Ok(self)
    }
}

/// How many requests may wait for their users at once, of each kind: device codes (RFC 8628), sign-ins
/// at an authentication system, and pushed authorization requests (RFC 9126). A place is free again once
/// the user has answered or the request has expired, after 5 to 10 minutes. Until then others are refused
/// with 429 (RFC 9126 §2.3, RFC 6585 §4) and `Retry-After`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenRequests {
    /// From one IPv4 address, or one IPv6 network of 64 bits; from a network of 48 bits ten times as many.
    /// What a client asks for that proves who it is with a secret or a key does not count here, for its
    /// server asks for all of its users. 500 by default.
    pub per_address: NonZeroU32,
    /// Of one client that proves who it is with a secret or a key. What others ask for in the name of a
    /// client does not count here, as they could block it for all. 5,000 by default.
    pub per_client: NonZeroU32,
}

impl Default for OpenRequests {
    fn default() -> Self {
        let places = |count| NonZeroU32::new(count).expect("it is not zero");
        Self { per_address: places(500), per_client: places(5_000) }
    }
}

/// The issuer identifier as text, without a trailing slash.
#[derive(Clone, Debug)]
pub(crate) struct Issuer(String);

impl Issuer {
    pub(crate) fn new(url: &Url) -> Result<Self, OpenError> {
        let origin_only = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        (origin_only && is_secure_or_loopback(url))
            .then(|| Self(url.as_str().trim_end_matches('/').to_owned()))
            .ok_or(OpenError::Issuer)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn endpoint(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(text: &str) -> Option<String> {
        Issuer::new(&Url::parse(text).unwrap()).ok().map(|issuer| issuer.0)
    }

    #[test]
    fn an_issuer_is_an_origin_without_a_trailing_slash() {
        assert_eq!(issuer("http://127.0.0.1:4000").as_deref(), Some("http://127.0.0.1:4000"));
        assert_eq!(issuer("https://id.example/").as_deref(), Some("https://id.example"));
        for bad in [
            "http://id.example",
            "https://id.example/path",
            "https://id.example/?q",
            "https://id.example/#f",
            "https://u@id.example/",
            "ftp://127.0.0.1/",
        ] {
            assert_eq!(issuer(bad), None, "{bad}");
        }
    }

    #[test]
    fn codes_live_for_one_to_sixty_seconds() {
        let with =
            |millis| Lifetimes { code: Duration::from_millis(millis), ..Lifetimes::default() };
        for good in [1_000, 1_500, 60_000] {
            assert!(with(good).check().is_ok(), "{good} ms");
        }
        for bad in [0, 500, 999, 60_001, 600_000] {
            let refused = with(bad).check();
            assert!(matches!(refused, Err(OpenError::CodeLifetime(_))), "{bad} ms");
        }
    }
}
