//! The host's secret as a client.

use secrecy::{ExposeSecret, SecretString};

/// The host's secret as a client. Goes in once and never comes out; has no `Debug`.
#[derive(Clone)]
pub struct ClientSecret {
    secret: SecretString,
    pub(super) kind: Kind,
}

/// Who has a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Static,
    KnownToAll,
    OfInstallation,
}

impl ClientSecret {
    /// A secret that is the same wherever the host runs: right for a server or a kiosk. A phone app
    /// that is built for release is refused with it.
    pub fn new(secret: impl Into<String>) -> Self {
        Self::of(secret.into(), Kind::Static)
    }

    /// A secret that this installation alone has: it was given out at run time, to nobody else, and
    /// the server can take it back alone.
    pub fn of_this_installation(secret: impl Into<String>) -> Self {
        Self::of(secret.into(), Kind::OfInstallation)
    }

    /// A secret that ships inside a phone app, so that it is none (RFC 8252 §8.5), used all the same
    /// because the authorization server wants one. The server must not conclude anything from it.
    pub fn known_to_everybody_who_has_the_app(secret: impl Into<String>) -> Self {
        Self::of(secret.into(), Kind::KnownToAll)
    }

    fn of(secret: String, kind: Kind) -> Self {
        Self { secret: SecretString::from(secret), kind }
    }

    pub(super) fn expose(&self) -> &str {
        self.secret.expose_secret()
    }
}
