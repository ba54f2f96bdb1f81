//! Who is signed in to the host, and the token that proves it.

use std::sync::Arc;

use async_trait::async_trait;
use minihost_core::User;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::HttpRequest;
use crate::signing::DpopKey;

/// The user's session at the authorization server.
///
/// Every token is asked for by a user: an implementation must never answer with the token of
/// another user, nor of the same user's earlier or later sign-in ([`User::epoch`]).
#[async_trait]
pub trait UserSession: Send + Sync {
    /// Who is signed in. Returns at once.
    fn current_user(&self) -> Option<User>;

    /// An access token of this user that is good for a while, refreshed where needed. However many
    /// ask, one refresh runs.
    ///
    /// # Errors
    /// [`SessionError`].
    async fn access_token(&self, user: &User) -> Result<UserToken, SessionError>;

    /// A token other than the one that the server has just rejected, though its time was not up.
    ///
    /// # Errors
    /// [`SessionError`].
    async fn refresh_after_rejection(
        &self,
        user: &User,
        rejected: &UserToken,
    ) -> Result<UserToken, SessionError>;

    /// Ends the session on this device. Nobody is signed in afterwards, whatever is returned.
    ///
    /// # Errors
    /// [`SessionError::Store`]: the tokens still lie in the secret store; call again once it is
    /// unlocked.
    async fn sign_out(&self) -> Result<(), SessionError>;
}

/// An access token of the host's user. Has no `Debug`.
#[derive(Clone)]
pub struct UserToken {
    token: SecretString,
    /// What it is bound to, where it is (RFC 9449 §5).
    key: Option<Arc<DpopKey>>,
}

impl UserToken {
    /// Wraps a token that whoever has it can use (RFC 6750).
    pub fn new(token: impl Into<String>) -> Self {
        Self { token: SecretString::from(token.into()), key: None }
    }

    /// The same token, of no use without this key.
    pub(crate) fn bound_to(mut self, key: Arc<DpopKey>) -> Self {
        self.key = Some(key);
        self
    }

    pub(crate) fn key(&self) -> Option<&Arc<DpopKey>> {
        self.key.as_ref()
    }

    /// Puts the token into the header of a request, with a proof where it is bound.
    pub(crate) fn authorize(&self, request: HttpRequest) -> HttpRequest {
        let scheme = if self.key.is_some() { "DPoP" } else { "Bearer" };
        let value = Zeroizing::new(format!("{scheme} {}", self.expose()));
        let request = request.authorized(value);
        match &self.key {
            Some(key) => request.proving(key.clone(), Some(self.clone())),
            None => request,
        }
    }

    /// Adds a proof to a request that has the token in its body, where it is bound.
    pub(crate) fn accompany(&self, request: HttpRequest) -> HttpRequest {
        match &self.key {
            Some(key) => request.proving(key.clone(), None),
            None => request,
        }
    }

    /// The token, for the one request that carries it.
    pub fn expose(&self) -> &str {
        self.token.expose_secret()
    }
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Nobody is signed in.
    #[error("nobody is signed in; have the user sign in")]
    NotSignedIn,
    /// Another user is signed in, or the same one has signed in anew.
    #[error("the user has changed since the request began; drop the request")]
    AccountChanged,
    /// The server has ended the sign-in, and the user is signed out now.
    #[error("the authorization server has ended the sign-in; have the user sign in again")]
    SignInEnded,
    /// The secret store gives no access.
    #[error("the tokens are out of reach: {0}")]
    Store(super::SecretStoreError),
    /// The server could not be reached, or the connection broke. The user stays signed in.
    #[error(
        "the authorization server could not be reached ({0}); try again once there is a network"
    )]
    Network(String),
    /// The server did not answer in time. The user stays signed in.
    #[error("the authorization server did not answer in time; try again")]
    TimedOut,
    /// The server asks to come back later. The user stays signed in.
    #[error("the authorization server is not available just now; try again later")]
    TemporarilyUnavailable {
        /// Seconds after which a retry makes sense, where the server says.
        retry_after: Option<u64>,
    },
    /// The server failed or gave an answer that cannot be used. The user stays signed in.
    #[error(
        "the authorization server's answer cannot be used ({0}); its operator must look into it"
    )]
    Server(String),
    /// The host cannot prove who it is. The user stays signed in.
    #[error("the host cannot prove who it is: {0}")]
    Credentials(#[from] crate::issuer::CredentialError),
    /// The server does not accept the host itself. The user stays signed in.
    #[error(
        "host_rejected: the authorization server does not accept the host ({error}); check the host's client id, secret and registration"
    )]
    HostRejected {
        /// The server's error code.
        error: &'static str,
    },
}
