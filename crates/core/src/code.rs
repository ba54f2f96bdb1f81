//! What the authorization server gave, or why it did not.

use std::collections::BTreeSet;

use minihost_protocol::Reason;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{ClientId, GrantId, Issuer, Scope};

/// An authorization code. It can be handed on and nothing else: no `Debug`, no `Display`.
pub struct AuthorizationCode(SecretString);

impl AuthorizationCode {
    /// Wraps a code.
    pub fn new(code: impl Into<String>) -> Self {
        Self(SecretString::from(code.into()))
    }

    /// The code itself, for the one reply that carries it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The server's answer to a code request, checked by the code issuer.
pub struct IssuedCode {
    /// The code.
    pub code: AuthorizationCode,
    /// The client that can redeem it, as the server says.
    pub client_id: ClientId,
    /// What it stands for; `None` where the server says: as asked.
    pub scopes: Option<BTreeSet<Scope>>,
    /// The verified issuer, where the profile has one.
    pub issuer: Option<Issuer>,
    /// Seconds it lives.
    pub expires_in: Option<u64>,
    /// The server's name for the grant behind it.
    pub grant_id: Option<GrantId>,
}

/// Why there is no code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueFailure {
    /// The stable reason, which the page hears.
    pub reason: Reason,
    /// Seconds after which a retry makes sense; the page hears them too.
    pub retry_after: Option<u64>,
    /// The server's page where the user can do what is missing, in a browser. Never for a page.
    pub continue_at: Option<Url>,
}

impl IssueFailure {
    /// For this reason, and nothing more to say.
    pub const fn because(reason: Reason) -> Self {
        Self { reason, retry_after: None, continue_at: None }
    }
}
