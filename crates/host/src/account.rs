//! The user's session and the machine that must know of its changes, as one.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use minihost_core::User;

use crate::{
    MiniHost,
    ports::{SecretStoreError, SessionError, UserSession as _},
    session::{Password, SignInError, TokenSession},
};

/// Who is signed in to the host, with the mediator told of every change in the right order.
/// Clones are the same account.
#[derive(Clone)]
pub struct Account {
    host: MiniHost,
    session: TokenSession,
    order: Arc<Mutex<()>>,
}

impl Account {
    /// Joins a host and the session that its code issuer uses.
    pub fn new(host: MiniHost, session: TokenSession) -> Self {
        Self { host, session, order: Arc::default() }
    }

    /// Who is signed in.
    pub fn user(&self) -> Option<User> {
        self.session.current_user()
    }

    /// Signs in whoever was signed in when the process ended.
    ///
    /// # Errors
    /// As [`TokenSession::restore`].
    pub async fn restore(&self) -> Result<Option<User>, SecretStoreError> {
        let restored = self.session.restore().await;
        self.tell();
        restored
    }

    /// Signs in. The mediator knows the user by the time this returns.
    ///
    /// # Errors
    /// As [`TokenSession::sign_in_with_password`].
    pub async fn sign_in_with_password(
        &self,
        username: &str,
        password: Password,
    ) -> Result<User, SignInError> {
        let signed_in = self.session.sign_in_with_password(username, password).await;
        self.tell();
        signed_in
    }

    /// Signs out. What mini-programs wait for ends first, so that no request goes on with tokens
    /// that are being cleared.
    ///
    /// # Errors
    /// As [`UserSession::sign_out`](crate::ports::UserSession::sign_out); nobody is signed in all
    /// the same.
    pub async fn sign_out(&self) -> Result<(), SessionError> {
        self.host.user_changed(None);
        let signed_out = self.session.sign_out().await;
        self.tell();
        signed_out
    }

    /// Tells the mediator of changes that nobody here asked for, such as a sign-in that the server
    /// ended. To be spawned once; ends with the session.
    pub fn follow(&self) -> impl Future<Output = ()> + Send + use<> {
        let (host, order) = (self.host.clone(), self.order.clone());
        // Without the session itself, which would otherwise keep itself alive by this.
        let mut users = self.session.users();
        async move {
            while users.changed().await.is_ok() {
                let _order = order.lock().unwrap_or_else(PoisonError::into_inner);
                let user = users.borrow_and_update().clone();
                host.user_changed(user);
            }
        }
    }

    fn tell(&self) {
        // Looking and telling are one step, so that what was true before is never told last.
        let _order = self.order.lock().unwrap_or_else(PoisonError::into_inner);
        self.host.user_changed(self.session.current_user());
    }
}
