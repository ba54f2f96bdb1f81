//! What a refusal means for a code request, and what is tried again.

use minihost_core::User;

use super::IssueError;
use crate::{
    http::{Fault, Refusal},
    ports::{UserSession, UserToken},
};

/// What an attempt leads to other than a code.
pub(super) enum Setback {
    /// The user's token will not do.
    UserToken,
    /// The server does not know the session.
    Session,
    /// It is over.
    Final(IssueError),
}

impl From<IssueError> for Setback {
    fn from(error: IssueError) -> Self {
        Self::Final(error)
    }
}

impl From<Fault> for Setback {
    fn from(fault: Fault) -> Self {
        Self::Final(fault.into())
    }
}

/// Sorts a refusal.
pub(super) fn setback(refusal: &Refusal) -> Setback {
    let host_rejected = |error| Setback::Final(IssueError::HostRejected { error });
    let done = Setback::Final;
    match refusal.error.as_str() {
        "insufficient_authorization" | "invalid_token" | "invalid_grant" => Setback::UserToken,
        "invalid_session" => Setback::Session,
        "access_denied" => done(IssueError::AccessDenied),
        "consent_required" => done(IssueError::ConsentRequired),
        "interaction_required" => done(IssueError::InteractionRequired),
        "login_required" => done(IssueError::LoginRequired),
        "account_selection_required" => done(IssueError::AccountSelectionRequired),
        "redirect_to_web" => done(IssueError::RedirectToWeb { page: None }),
        "invalid_scope" => done(IssueError::InvalidScope),
        "unauthorized_client" => done(IssueError::UnauthorizedClient),
        "invalid_client" => host_rejected("invalid_client"),
        "invalid_request" => host_rejected("invalid_request"),
        "unsupported_response_type" => host_rejected("unsupported_response_type"),
        "invalid_target" => host_rejected("invalid_target"),
        _ if refusal.status == 401 => Setback::UserToken,
        _ => done(IssueError::BadAnswer { what: "its error code is unknown" }),
    }
}

/// The user's token for the attempts of one request, and what was tried again already.
pub(super) struct Attempts<'a> {
    session: &'a dyn UserSession,
    user: &'a User,
    pub(super) token: UserToken,
    refreshed: bool,
    restarted: bool,
}

impl<'a> Attempts<'a> {
    pub(super) async fn new(
        session: &'a dyn UserSession,
        user: &'a User,
    ) -> Result<Self, IssueError> {
        let token = session.access_token(user).await?;
        Ok(Self { session, user, token, refreshed: false, restarted: false })
    }

    /// Makes ready for one attempt more, where there is one.
    pub(super) async fn after(&mut self, setback: Setback) -> Result<(), IssueError> {
        match setback {
            Setback::UserToken if self.refreshed => Err(IssueError::UserTokenRejected),
            Setback::UserToken => {
                self.refreshed = true;
                let refresh = self.session.refresh_after_rejection(self.user, &self.token);
                self.token = refresh.await?;
                Ok(())
            }
            Setback::Session if self.restarted => Err(IssueError::InvalidSession),
            Setback::Session => {
                self.restarted = true;
                // The user may have gone meanwhile, or their token have been refreshed.
                self.token = self.session.access_token(self.user).await?;
                Ok(())
            }
            Setback::Final(error) => Err(error),
        }
    }
}
