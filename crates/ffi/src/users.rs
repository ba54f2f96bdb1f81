//! Who is signed in, told to the machine.

use std::sync::{Arc, Mutex, PoisonError};

use minihost::{
    MiniHost, User,
    ports::{SessionError, UserSession as _},
    session::{Password, SignInError, TokenSession},
};

/// The user's session, and the machine that must know of its changes. Clones are the same.
#[derive(Clone)]
pub(crate) struct Users {
    host: MiniHost,
    session: TokenSession,
    order: Arc<Mutex<()>>,
}

impl Users {
    pub(crate) fn new(host: MiniHost, session: TokenSession) -> Self {
        Self { host, session, order: Arc::default() }
    }

    pub(crate) fn current(&self) -> Option<User> {
        self.session.current_user()
    }

    /// Signs in. The machine knows the user by the time this returns.
    pub(crate) async fn sign_in_with_password(
        &self,
        username: &str,
        password: Password,
    ) -> Result<User, SignInError> {
        let user = self.session.sign_in_with_password(username, password).await?;
        self.tell();
        Ok(user)
    }

    /// Signs out. The machine knows before the tokens are gone.
    pub(crate) async fn sign_out(&self) -> Result<(), SessionError> {
        self.host.user_changed(None);
        let signed_out = self.session.sign_out().await;
        self.tell();
        signed_out
    }

    /// Tells the machine of every change, such as a sign-in that the server ended.
    pub(crate) async fn follow(self) {
        let mut users = self.session.users();
        while users.changed().await.is_ok() {
            self.tell();
        }
    }

    fn tell(&self) {
        // Looking and telling are one step, so that what was true before is never told last.
        let _order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        self.host.user_changed(self.session.current_user());
    }
}
