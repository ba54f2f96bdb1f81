//! What a page may know of why there is no code.

use minihost_core::IssueFailure;
use minihost_protocol::Reason;

use super::{CredentialError, IssueError};
use crate::ports::{SessionError, SignerError};

impl IssueError {
    /// What the page may know.
    pub fn failure(&self) -> IssueFailure {
        if let Self::Own(failure) = self {
            return failure.clone();
        }
        let retry_after = match self {
            Self::TemporarilyUnavailable { retry_after, .. }
            | Self::Session(SessionError::TemporarilyUnavailable { retry_after }) => *retry_after,
            _ => None,
        };
        let continue_at = match self {
            Self::RedirectToWeb { page } => page.clone(),
            _ => None,
        };
        IssueFailure { reason: self.reason(), retry_after, continue_at }
    }

    fn reason(&self) -> Reason {
        match self {
            Self::AccessDenied => Reason::DeniedByServer,
            Self::ConsentRequired => Reason::ConsentRequired,
            Self::InteractionRequired | Self::RedirectToWeb { .. } => Reason::InteractionRequired,
            Self::LoginRequired | Self::UserTokenRejected | Self::LoginPage { .. } => {
                Reason::LoginRequired
            }
            Self::AccountSelectionRequired => Reason::AccountSelectionRequired,
            Self::Session(error) => session_reason(error),
            Self::InvalidScope => Reason::InvalidScope,
            Self::UnauthorizedClient => Reason::UnauthorizedClient,
            Self::Credentials(error) => credential_reason(error),
            Self::HostRejected { .. }
            | Self::MediationNotSupported
            | Self::RefusedWithoutRedirect { .. }
            | Self::CallRefused { .. } => Reason::Internal,
            Self::TemporarilyUnavailable { .. } => Reason::TemporarilyUnavailable,
            Self::InvalidSession
            | Self::ServerFailed { .. }
            | Self::WrongClient
            | Self::WrongIssuer
            | Self::WrongState
            | Self::WrongRedirectUri
            | Self::TooManyRedirects
            | Self::ScopeWiderThanAsked
            | Self::BadAnswer { .. }
            | Self::BadMetadata { .. } => Reason::ServerError,
            Self::HtmlPage { .. }
            | Self::CaptivePortal { .. }
            | Self::ServerUnreachableFromRelay { .. }
            | Self::Unreachable(_)
            | Self::Untrusted(_)
            | Self::ConnectionLost(_) => Reason::Network,
            Self::Deadline => Reason::Timeout,
            Self::Own(failure) => failure.reason,
        }
    }
}

fn session_reason(error: &SessionError) -> Reason {
    match error {
        SessionError::NotSignedIn | SessionError::SignInEnded => Reason::LoginRequired,
        SessionError::AccountChanged => Reason::AccountChanged,
        SessionError::Store(_) | SessionError::TemporarilyUnavailable { .. } => {
            Reason::TemporarilyUnavailable
        }
        SessionError::Network(_) => Reason::Network,
        SessionError::TimedOut => Reason::Timeout,
        SessionError::Server(_) => Reason::ServerError,
        SessionError::Credentials(error) => credential_reason(error),
        SessionError::HostRejected { .. } => Reason::Internal,
    }
}

fn credential_reason(error: &CredentialError) -> Reason {
    match error {
        CredentialError::Signer(SignerError::Unavailable(_)) => Reason::TemporarilyUnavailable,
        CredentialError::Signer(SignerError::Cancelled) => Reason::UserCancelled,
        CredentialError::Signer(SignerError::KeyLost | SignerError::WrongSignature)
        | CredentialError::StaticSecretInApp(_) => Reason::Internal,
    }
}
