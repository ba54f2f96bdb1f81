//! The user's sign-in to the host, and the tokens that come of it.
//!
//! [`TokenSession`] signs the user in, in the system's browser or with a password, keeps the tokens in
//! the secret store, refreshes them, and revokes them when the user signs out. It also answers for the
//! user what another device asks. A host with a sign-in of its own has an [`OwnSession`] instead, or
//! brings a whole [`UserSession`].

mod browser_sign_in;
mod device_consent;
mod device_request;
mod loopback;
mod own_session;
mod redirect_uri;
mod refresh;
mod revocation;
mod sign_in;
mod sign_in_error;
mod stored;
mod token_session;
mod tokens;
mod vault;

pub use browser_sign_in::{BrowserSignIn, SignInWish};
pub use device_request::{
    DeviceAsked, DeviceClient, DeviceDecision, DeviceRequest, DeviceRequestError, Localized,
};
pub use loopback::LoopbackRedirect;
pub use own_session::{OwnSession, SignInOver, UserTokens};
pub use redirect_uri::{InvalidRedirectUri, RedirectUri};
pub use sign_in::Password;
pub use sign_in_error::SignInError;
pub use token_session::{SignInConfig, TokenBinding, TokenSession};

use minihost_core::User;
use tokio::sync::watch;

use crate::ports::UserSession;

/// A session that says when its user changes.
pub trait ObservedSession: UserSession {
    /// Who is signed in from now on, as it changes.
    fn users(&self) -> watch::Receiver<Option<User>>;
}

/// The reader, for tests/fuzz.
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing {
    use minihost_core::Moment;

    use super::tokens::Tokens;

    pub(crate) fn token_response(
        json: &[u8],
        now: Moment,
    ) -> Result<crate::fuzzing::TokenResponse, &'static str> {
        let tokens = Tokens::read(json, None, None, now)?;
        let refresh = tokens.refresh.as_ref().map(|token| token.expose().to_owned());
        Ok((tokens.access.expose().to_owned(), refresh, tokens.expiry.is_some()))
    }
}

#[cfg(test)]
mod bench;
#[cfg(test)]
mod device_request_tests;
#[cfg(test)]
mod dpop_tests;
#[cfg(test)]
mod own_session_tests;
#[cfg(test)]
mod refresh_tests;
#[cfg(test)]
mod sign_in_tests;
