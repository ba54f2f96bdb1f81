//! Why a sign-in failed, for the host to tell its user.

use crate::{
    http::Fault,
    issuer::{CredentialError, DiscoveryError},
};

/// Why nobody was signed in. Whoever was signed in before still is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The server does not know this username with this password.
    #[error("the username or the password is wrong; let the user try again")]
    WrongCredentials,
    /// The user, or the server, did not agree to the sign-in in the browser.
    #[error("the sign-in was declined; let the user try again")]
    Denied,
    /// What the browser brought back is not the answer to this sign-in, and was dropped.
    #[error("the browser's answer was dropped: {0}; begin the sign-in anew")]
    WrongAnswer(&'static str),
    /// Too many attempts have failed.
    #[error("too many sign-ins have failed; let the user try again later")]
    Throttled {
        /// Seconds to wait, where the server says.
        retry_after: Option<u64>,
    },
    /// The server could not be reached, or something else answered in its place.
    #[error(
        "the authorization server could not be reached ({0}); let the user try again once there is a network"
    )]
    Network(String),
    /// The server did not answer in time.
    #[error("the authorization server did not answer in time; let the user try again")]
    TimedOut,
    /// The server is not available just now.
    #[error("the authorization server is not available just now; let the user try again later")]
    TemporarilyUnavailable {
        /// Seconds to wait, where the server says.
        retry_after: Option<u64>,
    },
    /// The host cannot prove who it is.
    #[error("the host cannot prove who it is: {0}")]
    Credentials(#[from] CredentialError),
    /// The server does not accept the host itself.
    #[error(
        "host_rejected: the authorization server does not accept the host ({error}); check the host's client id, secret, scopes and whether it may use the password grant"
    )]
    HostRejected {
        /// The server's error code.
        error: &'static str,
    },
    /// The server failed, or its answer cannot be used.
    #[error(
        "the authorization server's answer cannot be used: {0}; its operator must look into it"
    )]
    Server(String),
    /// Another sign-in, or a sign-out, ended while this one was under way, and counts instead.
    #[error("another sign-in or a sign-out was faster; look who is signed in now")]
    Overtaken,
}

impl From<Fault> for SignInError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unreachable(detail)
            | Fault::Untrusted(detail)
            | Fault::ConnectionLost(detail) => Self::Network(detail),
            Fault::TimedOut => Self::TimedOut,
            Fault::NotTheServer { status, .. } => {
                Self::Network(format!("something else answered with status {status}"))
            }
            Fault::Unavailable { status: 429, retry_after } => Self::Throttled { retry_after },
            Fault::Unavailable { retry_after, .. } => Self::TemporarilyUnavailable { retry_after },
            Fault::Failed { status } => Self::Server(format!("it has status {status}")),
            Fault::Unacceptable(what) => Self::Server(what.to_owned()),
        }
    }
}

impl From<DiscoveryError> for SignInError {
    fn from(error: DiscoveryError) -> Self {
        match error {
            DiscoveryError::Fault(fault) => fault.into(),
            DiscoveryError::Metadata(error) => {
                Self::Server(format!("its metadata is not usable: {}", error.as_str()))
            }
        }
    }
}

/// The errors by which a server rejects the client rather than the user (RFC 6749 §5.2).
pub(super) fn host_rejection(error: &str) -> Option<&'static str> {
    const ERRORS: [&str; 5] = [
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    ];
    ERRORS.into_iter().find(|known| *known == error)
}
