//! Who is signed in to the host app, as its screens put it.

use minihost::{
    Account, User,
    session::{ObservedSession as _, Password, SignInError, TokenSession},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::watch;

use super::protocol::SignInProblem;

/// The user's account.
pub(crate) struct SignIn {
    account: Account,
    session: TokenSession,
    users: watch::Receiver<Option<User>>,
}

/// Why nobody was signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SignInFailure {
    pub(crate) message: SignInProblem,
    /// Seconds to wait, where the server says.
    pub(crate) retry_after: Option<u64>,
}

impl SignIn {
    /// `session` is the one that the account was made of.
    pub(crate) fn new(account: Account, session: &TokenSession) -> Self {
        Self { account, session: session.clone(), users: session.users() }
    }

    /// Who is signed in.
    pub(crate) fn user(&self) -> Option<User> {
        self.account.user()
    }

    /// Who is signed in from now on: a sign-in can end without the user's doing.
    pub(crate) fn users(&self) -> watch::Receiver<Option<User>> {
        self.users.clone()
    }

    pub(crate) async fn sign_in(
        &self,
        username: &str,
        password: SecretString,
    ) -> Result<(), SignInFailure> {
        let password = Password::new(password.expose_secret());
        match self.account.sign_in_with_password(username, password).await {
            // What was faster is told on its own.
            Ok(_) | Err(SignInError::Overtaken) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "nobody was signed in");
                Err(SignInFailure::from(&error))
            }
        }
    }

    /// The session, for what the user answers to other devices.
    pub(crate) fn session(&self) -> &TokenSession {
        &self.session
    }

    pub(crate) async fn sign_out(&self) {
        if let Err(error) = self.account.sign_out().await {
            tracing::warn!(%error, "the secret store still holds the tokens of who signed out");
        }
    }
}

impl From<&SignInError> for SignInFailure {
    fn from(error: &SignInError) -> Self {
        let (message, retry_after) = match error {
            SignInError::WrongCredentials => (SignInProblem::WrongCredentials, None),
            SignInError::Throttled { retry_after } => (SignInProblem::Throttled, *retry_after),
            _ => (SignInProblem::Unavailable, None),
        };
        Self { message, retry_after }
    }
}
