//! Who is signed in to the host app.

use minihost::{
    MiniHost, User,
    ports::UserSession as _,
    session::{Password, SignInError, TokenSession},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::watch;

use super::protocol::SignInProblem;

/// The user's session, as the host app's screens use it.
pub(crate) struct Account(TokenSession);

impl Account {
    pub(crate) fn new(session: TokenSession) -> Self {
        Self(session)
    }

    /// Who is signed in.
    pub(crate) fn user(&self) -> Option<User> {
        self.0.current_user()
    }

    /// Who is signed in from now on: a sign-in can end without the user's doing.
    pub(crate) fn users(&self) -> watch::Receiver<Option<User>> {
        self.0.users()
    }

    /// Signs in whoever was signed in when the process ended.
    pub(crate) async fn restore(&self) {
        if let Err(error) = self.0.restore().await {
            tracing::warn!(%error, "nobody is signed in after the restart");
        }
    }

    pub(crate) async fn sign_in(
        &self,
        username: &str,
        password: SecretString,
    ) -> Result<(), SignInProblem> {
        let password = Password::new(password.expose_secret());
        match self.0.sign_in_with_password(username, password).await {
            // What was faster is told on its own.
            Ok(_) | Err(SignInError::Overtaken) => Ok(()),
            Err(SignInError::WrongCredentials) => Err(SignInProblem::WrongCredentials),
            Err(error) => {
                tracing::warn!(%error, "nobody was signed in");
                Err(SignInProblem::Unavailable)
            }
        }
    }

    /// What mini-programs wait for ends first, so that no request goes on with tokens that are
    /// being cleared.
    pub(crate) async fn sign_out(&self, host: &MiniHost) {
        host.user_changed(None);
        if let Err(error) = self.0.sign_out().await {
            tracing::warn!(%error, "the secret store still holds the tokens of who signed out");
        }
    }
}
