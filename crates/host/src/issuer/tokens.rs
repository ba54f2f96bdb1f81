//! A user's session with the tokens that a test has laid ready.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use minihost_core::User;
use minihost_testkit::alice;

use crate::{
    ports::{SessionError, UserSession, UserToken},
    signing::DpopKey,
};

/// Gives tokens in order and keeps which were rejected.
pub(super) struct Tokens {
    tokens: Mutex<VecDeque<Result<UserToken, SessionError>>>,
    pub(super) rejected: Mutex<Vec<String>>,
}

impl Tokens {
    pub(super) fn new(
        tokens: impl IntoIterator<Item = Result<&'static str, SessionError>>,
    ) -> Arc<Self> {
        let tokens = tokens.into_iter().map(|token| token.map(UserToken::new)).collect();
        Arc::new(Self { tokens: Mutex::new(tokens), rejected: Mutex::default() })
    }

    /// `t1`, bound to a new key.
    pub(super) fn bound() -> Arc<Self> {
        let key = DpopKey::generate().unwrap();
        let token = UserToken::new("t1").bound_to(key);
        Arc::new(Self { tokens: Mutex::new([Ok(token)].into()), rejected: Mutex::default() })
    }

    /// `t1`, and `t2` once another is wanted.
    pub(super) fn two() -> Arc<Self> {
        Self::new([Ok("t1"), Ok("t2")])
    }

    fn next(&self, user: &User) -> Result<UserToken, SessionError> {
        assert_eq!(*user, alice(), "the token of the very user of the request is asked for");
        self.tokens.lock().unwrap().pop_front().unwrap_or(Err(SessionError::NotSignedIn))
    }
}

#[async_trait]
impl UserSession for Tokens {
    fn current_user(&self) -> Option<User> {
        Some(alice())
    }

    async fn access_token(&self, user: &User) -> Result<UserToken, SessionError> {
        self.next(user)
    }

    async fn refresh_after_rejection(
        &self,
        user: &User,
        rejected: &UserToken,
    ) -> Result<UserToken, SessionError> {
        self.rejected.lock().unwrap().push(rejected.expose().to_owned());
        self.next(user)
    }

    async fn sign_out(&self) -> Result<(), SessionError> {
        Ok(())
    }
}
