//! Signing in at an authentication system apart from this server.
//!
//! The browser goes there with a request that this server signed, for one use within five minutes;
//! it comes back with an answer that the system signed. A cookie ties both to the same browser. Then
//! everything goes on as after a sign-in on this server's own page.
//!
//! The request is a JWT (RFC 7519) of type `minihost-login-request+jwt` in the parameter `request`:
//! `iss` is this server, `aud` the system, `jti` names the request, `callback` is where to come back
//! to, `fresh` is true where an earlier sign-in at the system is not enough, and `login_hint` and
//! `ui_locales` are the client's wishes. Its key is among this server's own. The answer is a JWT of
//! type `minihost-login-answer+jwt` in the parameter `answer`: `iss` is the system, `aud` this
//! server, `in_response_to` the `jti` of the request, `sub` the system's identifier of the user,
//! `auth_time` when they signed in there, `iat` and `exp`; it may have `preferred_username`, `email`,
//! `email_verified` and `phone_number`.

mod answer;
mod request;

use url::Url;

use crate::client::{Names, PublicKeys};
use crate::error::OpenError;
use crate::redirect_uri::is_secure_or_loopback;

pub(super) use answer::finish;
pub(super) use request::{begin, start};

/// Where the link to the system leads.
pub(super) const START: &str = "/login/elsewhere";
/// Where the system sends the browser back to.
pub(super) const CALLBACK: &str = "/login/callback";

/// How long a user may take to sign in there.
const LIFETIME: std::time::Duration = std::time::Duration::from_secs(300);
/// How much the system's clock may differ from this server's.
pub(super) const SKEW: std::time::Duration = std::time::Duration::from_secs(10);

/// Where users sign in in a browser.
#[derive(Default)]
pub enum LoginPlace {
    /// On this server's own page.
    #[default]
    Here,
    /// At an authentication system of the operator.
    Elsewhere(AuthenticationSystem),
    /// Where the user likes.
    Either(AuthenticationSystem),
}

/// An authentication system that this server sends browsers to, and believes.
pub struct AuthenticationSystem {
    /// What it calls itself: `iss` of its answers, and `aud` of what it is sent.
    pub id: String,
    /// What people call it.
    pub names: Names,
    /// Where its users sign in: an `https` URL, or `http` on the loopback interface.
    pub url: Url,
    /// The keys that its answers are signed with.
    pub keys: PublicKeys,
}

impl LoginPlace {
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let sound = |system: &AuthenticationSystem| {
            !system.id.is_empty()
                && is_secure_or_loopback(&system.url)
                && system.url.fragment().is_none()
        };
        self.system().is_none_or(sound).then_some(()).ok_or(OpenError::AuthenticationSystem)
    }

    pub(crate) fn system(&self) -> Option<&AuthenticationSystem> {
        match self {
            Self::Here => None,
            Self::Elsewhere(system) | Self::Either(system) => Some(system),
        }
    }

    pub(crate) fn has_own_page(&self) -> bool {
        !matches!(self, Self::Elsewhere(_))
    }
}
