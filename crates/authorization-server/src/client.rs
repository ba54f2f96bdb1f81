//! OAuth clients: hosts and mini-programs.

use std::fmt;
use std::time::Duration;

use rusqlite::types::{ToSql, ToSqlOutput};

use crate::error::InvalidRegistration;
use crate::redirect_uri::RedirectUri;
use crate::scope::{MEDIATE, Scopes};
use crate::secret::{ClientSecret, Fingerprint, ForClient};

const MAX_ID: usize = 128;
const MIN_HOST_ACCESS: Duration = Duration::from_secs(600);
const MAX_ACCESS: Duration = Duration::from_secs(24 * 60 * 60);
const MAX_REFRESH: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// A client identifier (RFC 6749 §2.2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ClientId(String);

impl ClientId {
    /// Takes an identifier.
    ///
    /// # Errors
    /// When it is not 1 to 128 visible ASCII characters. RFC 6749 appendix A.1 allows a space too;
    /// this server does not.
    pub fn new(id: impl Into<String>) -> Result<Self, InvalidRegistration> {
        let id = id.into();
        let fits = (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
        fits.then_some(Self(id)).ok_or(InvalidRegistration::ClientId)
    }

    /// The identifier as it goes over the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToSql for ClientId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

/// How a client proves that it is the client (RFC 6749 §2.3).
pub enum ClientAuthentication {
    /// A shared secret, sent by `client_secret_basic` or `client_secret_post`.
    Secret(ClientSecret),
    /// A public client: it has no secret, and PKCE protects its codes.
    None,
}

/// What a client is in the mediation of codes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClientKind {
    /// A host app, which asks for codes on behalf of its mini-programs.
    Host {
        /// The mini-programs it may ask for.
        may_mediate_for: Vec<ClientId>,
        /// Whether every code request must carry consent evidence.
        require_consent: bool,
        /// Whether the host may exchange the user's password for tokens (RFC 6749 §4.3). Only for
        /// hosts with a secret.
        password_grant: bool,
    },
    /// A mini-program, which redeems codes.
    MiniProgram {
        /// Where it receives codes; each code is bound to one of them.
        redirect_uris: Vec<RedirectUri>,
    },
}

/// What happens to a refresh token when it is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefreshPolicy {
    /// The client gets no refresh tokens.
    None,
    /// Each use gives a new token and ends the old one (RFC 9700 §4.14.2). Using an old one again
    /// ends the whole authorization, except that the last one may be repeated for
    /// [`Lifetimes::refresh_grace`](crate::Lifetimes::refresh_grace) and then gives the same new
    /// token, so that a lost answer costs nothing.
    Rotating {
        /// How long a token may lie unused: 1 second to 366 days.
        lifetime: Duration,
    },
    /// The token stays the same. Only for clients with a secret, whose refresh tokens are useless
    /// to others (FAPI 2.0 §5.3.2.1).
    Fixed {
        /// How long the token may lie unused: 1 second to 366 days.
        lifetime: Duration,
    },
}

impl RefreshPolicy {
    /// How long a refresh token may lie unused; `None` when the client gets none.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        match self {
            Self::None => None,
            Self::Rotating { lifetime } | Self::Fixed { lifetime } => Some(*lifetime),
        }
    }
}

/// A client to create or to replace.
pub struct ClientRegistration {
    /// Its identifier. A client of this id that exists already is replaced; its grants and tokens
    /// stay.
    pub id: ClientId,
    /// How it authenticates.
    pub authentication: ClientAuthentication,
    /// What it is.
    pub kind: ClientKind,
    /// The scopes it may get. For a host also the ceiling of what its mini-programs can get
    /// through it, and `mediate` if it is to ask for codes.
    pub scopes: Scopes,
    /// How long its access tokens live, in whole seconds: 1 second to 24 hours; for a host, whose
    /// user would otherwise be interrupted, at least 10 minutes.
    pub access_token_lifetime: Duration,
    /// What happens to its refresh tokens.
    pub refresh: RefreshPolicy,
}

impl ClientRegistration {
    /// Checks the rules that hold between the members and drops the secret in clear.
    pub(crate) fn check(self) -> Result<Client, InvalidRegistration> {
        let secret = match &self.authentication {
            ClientAuthentication::Secret(secret) => Some(secret.fingerprint()),
            ClientAuthentication::None => None,
        };
        let shortest = match &self.kind {
            ClientKind::Host { password_grant: true, .. } if secret.is_none() => {
                return Err(InvalidRegistration::PasswordGrantWithoutSecret);
            }
            ClientKind::Host { .. } => MIN_HOST_ACCESS,
            ClientKind::MiniProgram { redirect_uris } if redirect_uris.is_empty() => {
                return Err(InvalidRegistration::NoRedirectUri);
            }
            ClientKind::MiniProgram { .. } if self.scopes.contains(MEDIATE) => {
                return Err(InvalidRegistration::Mediate);
            }
            ClientKind::MiniProgram { .. } => Duration::from_secs(1),
        };
        if !(shortest..=MAX_ACCESS).contains(&self.access_token_lifetime) {
            return Err(InvalidRegistration::AccessTokenLifetime);
        }
        if matches!(self.refresh, RefreshPolicy::Fixed { .. }) && secret.is_none() {
            return Err(InvalidRegistration::FixedRefreshOfPublicClient);
        }
        if let Some(lifetime) = self.refresh.lifetime()
            && !(Duration::from_secs(1)..=MAX_REFRESH).contains(&lifetime)
        {
            return Err(InvalidRegistration::RefreshTokenLifetime);
        }
        Ok(Client {
            id: self.id,
            kind: self.kind,
            secret,
            scopes: self.scopes,
            access_token_lifetime: Duration::from_secs(self.access_token_lifetime.as_secs()),
            refresh: self.refresh,
        })
    }
}

/// A registered client.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: ClientId,
    pub(crate) kind: ClientKind,
    pub(crate) secret: Option<Fingerprint<ForClient>>,
    pub(crate) scopes: Scopes,
    pub(crate) access_token_lifetime: Duration,
    pub(crate) refresh: RefreshPolicy,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration(kind: ClientKind) -> ClientRegistration {
        ClientRegistration {
            id: ClientId::new("c").unwrap(),
            authentication: ClientAuthentication::Secret(ClientSecret::generate().unwrap()),
            kind,
            scopes: Scopes::parse("openid").unwrap(),
            access_token_lifetime: Duration::from_secs(600),
            refresh: RefreshPolicy::None,
        }
    }

    fn host(password_grant: bool) -> ClientKind {
        ClientKind::Host { may_mediate_for: Vec::new(), require_consent: false, password_grant }
    }

    fn program() -> ClientKind {
        ClientKind::MiniProgram {
            redirect_uris: vec![RedirectUri::new("https://a.example/callback").unwrap()],
        }
    }

    #[test]
    fn contradictory_registrations_are_refused() {
        use InvalidRegistration as Invalid;
        let seconds = Duration::from_secs;
        let cases = [
            (
                Invalid::PasswordGrantWithoutSecret,
                ClientRegistration {
                    authentication: ClientAuthentication::None,
                    ..registration(host(true))
                },
            ),
            (
                Invalid::AccessTokenLifetime,
                ClientRegistration {
                    access_token_lifetime: seconds(599),
                    ..registration(host(false))
                },
            ),
            (
                Invalid::AccessTokenLifetime,
                ClientRegistration {
                    access_token_lifetime: seconds(86_401),
                    ..registration(program())
                },
            ),
            (
                Invalid::AccessTokenLifetime,
                ClientRegistration {
                    access_token_lifetime: Duration::from_millis(999),
                    ..registration(program())
                },
            ),
            (
                Invalid::Mediate,
                ClientRegistration {
                    scopes: Scopes::parse("mediate").unwrap(),
                    ..registration(program())
                },
            ),
            (
                Invalid::NoRedirectUri,
                registration(ClientKind::MiniProgram { redirect_uris: Vec::new() }),
            ),
            (
                Invalid::RefreshTokenLifetime,
                ClientRegistration {
                    refresh: RefreshPolicy::Rotating { lifetime: Duration::ZERO },
                    ..registration(program())
                },
            ),
            (
                Invalid::FixedRefreshOfPublicClient,
                ClientRegistration {
                    authentication: ClientAuthentication::None,
                    refresh: RefreshPolicy::Fixed { lifetime: seconds(60) },
                    ..registration(program())
                },
            ),
        ];
        for (expected, registration) in cases {
            assert_eq!(registration.check().err(), Some(expected));
        }
        assert!(registration(host(false)).check().is_ok());
        assert!(registration(program()).check().is_ok());
    }
}
