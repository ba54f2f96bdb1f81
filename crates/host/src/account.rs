//! The user's session and the machine that must know of its changes, as one.

use std::{
    future::Future,
    sync::{Arc, Mutex},
};

use minihost_core::User;
use url::Url;

use crate::{
    MiniHost,
    driver::{Ground, Lane},
    ports::{SecretStoreError, SessionError, UserObserver},
    session::{
        BrowserSignIn, ObservedSession, OwnSession, Password, SignInError, SignInOver, TokenSession,
    },
    sync::lock,
};

/// Who is signed in to the host, with the mediator told of every change in the right order: by the SDK
/// ([`TokenSession`]), or by the host itself ([`OwnSession`]). Clones are the same account.
#[derive(Clone)]
pub struct Account<S = TokenSession> {
    host: MiniHost,
    session: S,
    telling: Arc<Mutex<Telling>>,
}

/// Held while the mediator is told, so that looking and telling are one step and what was true
/// before is never told last.
#[derive(Default)]
struct Telling {
    /// The last epoch whose user has begun to sign out: the session may still name that user.
    signed_out: Option<u64>,
}

impl Account {
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

    /// Finishes a sign-in that [`TokenSession::begin_sign_in`] began. The mediator knows the user by
    /// the time this returns.
    ///
    /// # Errors
    /// As [`TokenSession::finish_sign_in`].
    pub async fn finish_sign_in(
        &self,
        sign_in: BrowserSignIn,
        answer: &Url,
    ) -> Result<User, SignInError> {
        let signed_in = self.session.finish_sign_in(sign_in, answer).await;
        self.tell();
        signed_in
    }
}

impl Account<OwnSession> {
    /// Takes from the host who is signed in from now on. The mediator knows it by the time this
    /// returns; what the user before had asked for ends with `account_changed`.
    ///
    /// # Errors
    /// [`SignInOver`]; nobody is signed in then, until the host tells of a higher epoch. What whoever
    /// was signed in had asked for ends with `account_changed` here too.
    pub fn user_changed(&self, user: Option<User>) -> Result<(), SignInOver> {
        let mut telling = lock(&self.telling);
        if user.is_none() {
            telling.begin_sign_out(&self.host, self.user());
        }
        let taken = self.session.user_changed(user);
        match taken {
            Ok(()) => telling.tell(&self.host, self.user()),
            Err(SignInOver) => self.host.user_changed(None),
        }
        taken
    }
}

impl<S: ObservedSession> Account<S> {
    /// Joins a host and the session that its code issuer uses.
    pub fn new(host: MiniHost, session: S) -> Self {
        Self { host, session, telling: Arc::default() }
    }

    /// Who is signed in.
    pub fn user(&self) -> Option<User> {
        self.session.current_user()
    }

    /// Signs out. What mini-programs wait for ends first, so that no request goes on with tokens
    /// that are being cleared.
    ///
    /// # Errors
    /// As [`UserSession::sign_out`](crate::ports::UserSession::sign_out); nobody is signed in all
    /// the same.
    pub async fn sign_out(&self) -> Result<(), SessionError> {
        lock(&self.telling).begin_sign_out(&self.host, self.user());
        let signed_out = self.session.sign_out().await;
        self.tell();
        signed_out
    }

    /// Tells the mediator of changes that nobody here asked for, such as a sign-in that the server
    /// ended. To be spawned once; ends with the session or the host, and keeps neither.
    pub fn follow(&self) -> impl Future<Output = ()> + Send + use<S> {
        let (host, telling) = (self.host.downgrade(), self.telling.clone());
        let mut users = self.session.users();
        async move {
            while users.changed().await.is_ok() {
                let Some(host) = host.upgrade() else { return };
                let telling = lock(&telling);
                telling.tell(&host, users.borrow_and_update().clone());
            }
        }
    }

    /// Tells an observer of every change from now on, on a thread of its own. To be spawned once; ends
    /// with the session, and keeps nothing but the observer.
    ///
    /// # Errors
    /// The operating system gave no thread.
    pub fn observe(
        &self,
        observer: Arc<dyn UserObserver>,
    ) -> std::io::Result<impl Future<Output = ()> + Send + use<S>> {
        let lane = Lane::new(&Ground::Threads, "user", move |user| observer.user_changed(user))?;
        let mut users = self.session.users();
        Ok(async move {
            while users.changed().await.is_ok() {
                let user = users.borrow_and_update().clone();
                lane.hand(user);
            }
        })
    }

    fn tell(&self) {
        let telling = lock(&self.telling);
        telling.tell(&self.host, self.session.current_user());
    }
}

impl Telling {
    fn begin_sign_out(&mut self, host: &MiniHost, user: Option<User>) {
        if let Some(user) = user {
            self.signed_out = self.signed_out.max(Some(user.epoch));
        }
        host.user_changed(None);
    }

    fn tell(&self, host: &MiniHost, user: Option<User>) {
        match user.filter(|user| Some(user.epoch) > self.signed_out) {
            Some(user) => host.user_changed(Some(user)),
            // Whoever signs out has been told of before; else the server has ended the sign-in.
            None => host.sign_in_ended(),
        }
    }
}
