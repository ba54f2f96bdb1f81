//! Why there is no code, as the host's developer needs to know it.

use minihost_core::IssueFailure;
use url::Url;

use super::{CredentialError, DiscoveryError, server_metadata::MetadataError};
use crate::{
    http::{Fault, Instead},
    ports::SessionError,
};

/// Why a code request gave no code. For the host's developer; the page hears only
/// [`IssueError::failure`]. Holds nothing of the server's own text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// `access_denied`.
    #[error(
        "the authorization server refused the code; nothing is wrong with the request, so do not repeat it"
    )]
    AccessDenied,
    /// `consent_required`.
    #[error(
        "the authorization server wants consent that it has not seen; check what consent it demands of this host"
    )]
    ConsentRequired,
    /// `interaction_required`.
    #[error(
        "the user must do something at the authorization server; send the user there in a browser"
    )]
    InteractionRequired,
    /// `login_required`.
    #[error(
        "the authorization server wants a newer sign-in; have the user sign in to the host again"
    )]
    LoginRequired,
    /// `account_selection_required`.
    #[error("the authorization server wants an account to be chosen; have the user choose one")]
    AccountSelectionRequired,
    /// `insufficient_authorization`, or the user's token was rejected with 401, `invalid_token` or
    /// `invalid_grant`, and a refreshed one too.
    #[error(
        "the authorization server rejects the user's token, also after a refresh; have the user sign in again, with the scope `mediate`"
    )]
    UserTokenRejected,
    /// There is no token of the user to send.
    #[error("there is no user token to send: {0}")]
    Session(#[from] SessionError),
    /// The request carries no credentials of the host, and was not made.
    #[error("the host cannot prove who it is: {0}")]
    Credentials(#[from] CredentialError),
    /// `redirect_to_web`.
    #[error(
        "the authorization server wants the user in a browser first; give the host a Browser port, and have the server name a request_uri"
    )]
    RedirectToWeb {
        /// Where, if the server has named a request that a browser can go on with.
        page: Option<Url>,
    },
    /// `invalid_session`, though the request was started anew.
    #[error(
        "the authorization server insists on a session that was never begun; its operator must look into it"
    )]
    InvalidSession,
    /// `invalid_scope`.
    #[error(
        "the authorization server grants none of the scopes; compare the manifest with the mini-program's registration"
    )]
    InvalidScope,
    /// `unauthorized_client`.
    #[error(
        "this host may not ask for codes of this mini-program; have the server's operator register the pair"
    )]
    UnauthorizedClient,
    /// `invalid_client`, `invalid_request`, `unsupported_response_type` or `invalid_target`.
    #[error(
        "host_rejected: the authorization server does not accept the host's request ({error}); check the host's client id, secret and registration, and the mini-program's redirect URI"
    )]
    HostRejected {
        /// The server's error code.
        error: &'static str,
    },
    /// 429, 503 or `temporarily_unavailable`.
    #[error(
        "the authorization server is not available just now (status {status}); try again later"
    )]
    TemporarilyUnavailable {
        /// The status code.
        status: u16,
        /// Seconds, at most 300, where the server says.
        retry_after: Option<u64>,
    },
    /// The host's backend could not reach the authorization server.
    #[error(
        "the host's backend could not reach the authorization server (status {status}); try again, and tell the backend's operator if it stays so"
    )]
    ServerUnreachableFromRelay {
        /// The status code.
        status: u16,
    },
    /// Another status of 500 and above.
    #[error(
        "the authorization server failed (status {status}); try again, and tell its operator if it stays so"
    )]
    ServerFailed {
        /// The status code.
        status: u16,
    },
    /// The code was for another client, or it was not said for which. It was dropped.
    #[error(
        "the authorization server answered with a code for another client, which was dropped; check that it supports this profile"
    )]
    WrongClient,
    /// The code came from another issuer. It was dropped.
    #[error(
        "the authorization server answered in another issuer's name, and the code was dropped; check the configured issuer"
    )]
    WrongIssuer,
    /// The answer does not have the `state` of the request. It was dropped.
    #[error(
        "the answer belongs to another request, and was dropped; try again, and have the server's operator look into it if it stays so"
    )]
    WrongState,
    /// The answer went to an address that is not the redirect URI. It was dropped.
    #[error(
        "the authorization server sent its answer to another address than the redirect URI, and it was dropped; compare the manifest with the mini-program's registration"
    )]
    WrongRedirectUri,
    /// The server redirected within itself without an end.
    #[error(
        "the authorization server redirects from page to page without an answer; raise `max_hops` where its way is this long"
    )]
    TooManyRedirects,
    /// The server refused the request without a redirect: it does not know the mini-program or its
    /// redirect URI (RFC 6749 §4.1.2.1).
    #[error(
        "the authorization server does not take the mini-program's client id or redirect URI (status {status}); compare the manifest with the mini-program's registration"
    )]
    RefusedWithoutRedirect {
        /// The status code.
        status: u16,
    },
    /// A call that the profile makes beside the code request was refused.
    #[error(
        "host_rejected: the authorization server refused a call of the profile's settings (status {status}); compare the settings with the server's own description"
    )]
    CallRefused {
        /// The status code.
        status: u16,
    },
    /// The code stood for more than was asked. It was dropped.
    #[error(
        "the authorization server granted scopes that were not asked for, and the code was dropped; its operator must look into it"
    )]
    ScopeWiderThanAsked,
    /// The answer is not what the protocol allows.
    #[error(
        "the authorization server's answer cannot be used: {what}; its operator must look into it"
    )]
    BadAnswer {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The metadata names another issuer, is malformed, or names an endpoint without TLS.
    #[error(
        "the authorization server's metadata cannot be used: {what}; check the configured issuer"
    )]
    BadMetadata {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The metadata does not have `host_mediation_supported` and
    /// `authorization_challenge_endpoint`.
    #[error(
        "the authorization server does not issue codes to hosts (no host_mediation_supported); use another profile"
    )]
    MediationNotSupported,
    /// A redirect to where the server signs users in, which is no answer for a program.
    #[error(
        "the authorization server sends the user to its login page (status {status}); have the user sign in again, and check that the profile shows the server who the user is"
    )]
    LoginPage {
        /// The status code.
        status: u16,
    },
    /// An HTML page: the server's own, a proxy's, or a network's.
    #[error(
        "a page for people came instead of an answer (status {status}); check the network and the proxy, and that the endpoint is the one of the profile"
    )]
    HtmlPage {
        /// The status code.
        status: u16,
    },
    /// A redirect to another origin, or status 511: a network that wants a sign-in of its own.
    #[error(
        "something between the host and the authorization server wants a sign-in of its own (status {status}); have the user open the network's page, and try again"
    )]
    CaptivePortal {
        /// The status code.
        status: u16,
    },
    /// No connection. Nothing was sent.
    #[error(
        "the authorization server could not be reached ({0}); try again once there is a network"
    )]
    Unreachable(String),
    /// The server could not show by TLS that it is the one. Nothing was sent.
    #[error(
        "whoever answered could not prove to be the authorization server ({0}); check the clock, the roots and pins, and whether the network looks into TLS"
    )]
    Untrusted(String),
    /// The connection broke after the request may have been sent.
    #[error(
        "the connection broke before the answer was complete ({0}); a new request is safe, and a code that was issued unseen expires unused"
    )]
    ConnectionLost(String),
    /// The request's time was up: the host's own, or its backend's.
    #[error("the authorization server did not answer in time; try again")]
    Deadline,
    /// The host's own code issuer gave none, and says why.
    #[error("the host's own code issuer gave no code: {}", .0.reason.as_str())]
    Own(IssueFailure),
}

impl From<Fault> for IssueError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unreachable(detail) => Self::Unreachable(detail),
            Fault::Untrusted(detail) => Self::Untrusted(detail),
            Fault::ConnectionLost(detail) => Self::ConnectionLost(detail),
            Fault::TimedOut => Self::Deadline,
            Fault::NotTheServer { status, instead } => match instead {
                Instead::LoginPage => Self::LoginPage { status },
                Instead::Page => Self::HtmlPage { status },
                Instead::CaptivePortal => Self::CaptivePortal { status },
            },
            Fault::Unavailable { status, retry_after } => {
                Self::TemporarilyUnavailable { status, retry_after }
            }
            Fault::Failed { status } => Self::ServerFailed { status },
            Fault::Unacceptable(what) => Self::BadAnswer { what },
        }
    }
}

impl From<DiscoveryError> for IssueError {
    fn from(error: DiscoveryError) -> Self {
        match error {
            DiscoveryError::Fault(fault) => fault.into(),
            DiscoveryError::Metadata(error) => Self::BadMetadata { what: error.as_str() },
        }
    }
}

impl MetadataError {
    /// What is wrong, for the host's developer.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "there is none where RFC 8414 or OpenID Connect Discovery has it",
            Self::Malformed => "it is not JSON in the form of RFC 8414",
            Self::OtherIssuer => "it is another issuer's",
            Self::InsecureEndpoint => "an endpoint has no TLS",
        }
    }
}
