//! What a host can do when there is no code.

use minihost_core::IssueFailure;
use minihost_protocol::Reason;
use url::Url;

use super::{CredentialError, IssueError};
use crate::ports::{SessionError, SignerError};

/// What the host can do about an [`IssueError`]. The sentence of the error says the
/// same to people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Nothing: it was refused, or nobody wants it any more.
    Accept,
    /// Try again; the server may have said after how many seconds.
    TryAgain {
        /// Seconds, at most 300.
        after: Option<u64>,
    },
    /// Have the user sign in to the host again.
    SignInAgain,
    /// Have the user choose an account.
    ChooseAccount,
    /// Send the user to the server in a browser.
    OpenBrowser {
        /// Where, if the server has said.
        page: Option<Url>,
    },
    /// Have the user open the page that the network wants them to sign in at.
    OpenNetworkPage,
    /// The host's developer: compare the settings and the manifest with the server's registration.
    CheckSettings,
    /// The server's operator must look into it.
    AskOperator,
}

impl IssueError {
    /// What the host can do about it.
    pub fn next_step(&self) -> NextStep {
        match self {
            Self::AccessDenied => NextStep::Accept,
            Self::LoginRequired | Self::UserTokenRejected | Self::LoginPage { .. } => {
                NextStep::SignInAgain
            }
            Self::AccountSelectionRequired => NextStep::ChooseAccount,
            Self::InteractionRequired => NextStep::OpenBrowser { page: None },
            Self::RedirectToWeb { page } => NextStep::OpenBrowser { page: page.clone() },
            Self::CaptivePortal { .. } => NextStep::OpenNetworkPage,
            Self::Session(error) => match error {
                SessionError::NotSignedIn | SessionError::SignInEnded => NextStep::SignInAgain,
                SessionError::AccountChanged => NextStep::Accept,
                SessionError::TemporarilyUnavailable { retry_after } => {
                    NextStep::TryAgain { after: *retry_after }
                }
                SessionError::Store(_) | SessionError::Network(_) | SessionError::TimedOut => {
                    NextStep::TryAgain { after: None }
                }
                SessionError::Server(_) => NextStep::AskOperator,
                SessionError::Credentials(error) => credential_step(error),
                SessionError::HostRejected { .. } => NextStep::CheckSettings,
            },
            Self::Credentials(error) => credential_step(error),
            Self::TemporarilyUnavailable { retry_after, .. } => {
                NextStep::TryAgain { after: *retry_after }
            }
            Self::Own(failure) => step_after(failure),
            Self::ServerFailed { .. }
            | Self::ServerUnreachableFromRelay { .. }
            | Self::HtmlPage { .. }
            | Self::WrongState
            | Self::Unreachable(_)
            | Self::ConnectionLost(_)
            | Self::Deadline => NextStep::TryAgain { after: None },
            Self::ConsentRequired
            | Self::InvalidScope
            | Self::HostRejected { .. }
            | Self::WrongIssuer
            | Self::WrongRedirectUri
            | Self::RefusedWithoutRedirect { .. }
            | Self::CallRefused { .. }
            | Self::TooManyRedirects
            | Self::BadMetadata { .. }
            | Self::Untrusted(_)
            | Self::MediationNotSupported => NextStep::CheckSettings,
            Self::UnauthorizedClient
            | Self::InvalidSession
            | Self::WrongClient
            | Self::ScopeWiderThanAsked
            | Self::BadAnswer { .. } => NextStep::AskOperator,
        }
    }
}

/// After what a host's own code issuer says, of which only the reason is known.
fn step_after(IssueFailure { reason, retry_after, continue_at }: &IssueFailure) -> NextStep {
    match reason {
        Reason::LoginRequired => NextStep::SignInAgain,
        Reason::AccountSelectionRequired => NextStep::ChooseAccount,
        Reason::InteractionRequired => NextStep::OpenBrowser { page: continue_at.clone() },
        Reason::UserCancelled
        | Reason::UserDenied
        | Reason::DeniedByServer
        | Reason::AccountChanged
        | Reason::Aborted
        | Reason::ContextDestroyed => NextStep::Accept,
        reason if reason.is_retryable() => NextStep::TryAgain { after: *retry_after },
        _ => NextStep::CheckSettings,
    }
}

fn credential_step(error: &CredentialError) -> NextStep {
    match error {
        CredentialError::Signer(SignerError::Unavailable(_)) => NextStep::TryAgain { after: None },
        CredentialError::Signer(SignerError::Cancelled) => NextStep::Accept,
        CredentialError::Signer(SignerError::KeyLost | SignerError::WrongSignature)
        | CredentialError::StaticSecretInApp(_) => NextStep::CheckSettings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_hosts_own_issuer_says_leads_to_what_fits_its_reason() {
        let page: Url = "https://as.example/go-on".parse().unwrap();
        let step = |reason| {
            let continue_at = Some(page.clone());
            let failure = IssueFailure { reason, retry_after: Some(7), continue_at };
            IssueError::Own(failure).next_step()
        };
        for (reason, next) in [
            (Reason::Network, NextStep::TryAgain { after: Some(7) }),
            (Reason::TemporarilyUnavailable, NextStep::TryAgain { after: Some(7) }),
            (Reason::LoginRequired, NextStep::SignInAgain),
            (Reason::AccountSelectionRequired, NextStep::ChooseAccount),
            (Reason::InteractionRequired, NextStep::OpenBrowser { page: Some(page.clone()) }),
            (Reason::DeniedByServer, NextStep::Accept),
            (Reason::UserCancelled, NextStep::Accept),
            (Reason::UnauthorizedClient, NextStep::CheckSettings),
            (Reason::Internal, NextStep::CheckSettings),
        ] {
            assert_eq!(step(reason), next, "{}", reason.as_str());
        }
    }
}
