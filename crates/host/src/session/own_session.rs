//! The session of a host that signs its users in by itself.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use minihost_core::User;
use tokio::sync::watch;

use super::ObservedSession;
use crate::{
    ports::{SessionError, UserSession, UserToken},
    sync::lock,
};

/// The tokens of users whom the host signs in by itself.
#[async_trait]
pub trait UserTokens: Send + Sync {
    /// An access token of this very sign-in of the user that is good for a while, and another one
    /// than `rejected`, which the server has not taken though its time was not up.
    ///
    /// # Errors
    /// [`SessionError`]; after [`SessionError::SignInEnded`] the user is signed out.
    async fn access_token(
        &self,
        user: &User,
        rejected: Option<&UserToken>,
    ) -> Result<UserToken, SessionError>;

    /// Ends this sign-in at the host too: the user signs out.
    ///
    /// # Errors
    /// [`SessionError::Store`]: the tokens are still there.
    async fn sign_out(&self, user: &User) -> Result<(), SessionError>;
}

/// Keeps who is signed in, as the host tells it, and lets no token through for anybody else. Clones are
/// the same session.
#[derive(Clone)]
pub struct OwnSession(Arc<Inner>);

struct Inner {
    tokens: Arc<dyn UserTokens>,
    state: Mutex<State>,
    users: watch::Sender<Option<User>>,
}

#[derive(Default)]
struct State {
    user: Option<User>,
    /// The latest sign-in that there has been.
    latest: Option<u64>,
    /// Whose tokens are still there, though nobody is signed in.
    leaving: Option<User>,
}

/// The host tells of a sign-in that is over, or of two by one epoch. Nobody is signed in then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this sign-in is over; the epoch must grow with every sign-in")]
pub struct SignInOver;

impl OwnSession {
    /// A session in which nobody is signed in yet.
    pub fn new(tokens: Arc<dyn UserTokens>) -> Self {
        let (state, users) = (Mutex::default(), watch::channel(None).0);
        Self(Arc::new(Inner { tokens, state, users }))
    }

    /// Takes who is signed in from now on. The name of who is may change; a new sign-in, of the
    /// same user too, has a higher epoch than any before.
    ///
    /// # Errors
    /// [`SignInOver`]; nobody is signed in then, until the host tells of a higher epoch. It may be
    /// late word of a sign-in that is over, or a new one by an epoch that has not grown: whoever was
    /// signed in may have gone.
    pub(crate) fn user_changed(&self, user: Option<User>) -> Result<(), SignInOver> {
        let mut state = lock(&self.0.state);
        if let Some(user) = &user {
            let is_same = state.user.as_ref().is_some_and(|present| is_one_sign_in(present, user));
            if !is_same && Some(user.epoch) <= state.latest {
                tracing::warn!(
                    "the host tells of a sign-in that is over, or of two by one epoch; nobody is \
                     signed in now"
                );
                if state.user.is_some() {
                    self.enter(&mut state, None);
                }
                return Err(SignInOver);
            }
            state.latest = Some(user.epoch);
            state.leaving = None;
        }
        self.enter(&mut state, user);
        Ok(())
    }

    fn enter(&self, state: &mut State, user: Option<User>) {
        state.user.clone_from(&user);
        self.0.users.send_replace(user);
    }

    fn check(&self, user: &User) -> Result<(), SessionError> {
        match &lock(&self.0.state).user {
            None => Err(SessionError::NotSignedIn),
            Some(present) if is_one_sign_in(present, user) => Ok(()),
            Some(_) => Err(SessionError::AccountChanged),
        }
    }

    async fn token(
        &self,
        user: &User,
        rejected: Option<&UserToken>,
    ) -> Result<UserToken, SessionError> {
        self.check(user)?;
        let token = self.0.tokens.access_token(user, rejected).await;
        // The host may have told of another user meanwhile.
        self.check(user)?;
        match token {
            Ok(token) if rejected.is_some_and(|rejected| rejected.expose() == token.expose()) => {
                Err(SessionError::Server("the host gives no other token".to_owned()))
            }
            Err(SessionError::SignInEnded) => {
                self.end(user);
                Err(SessionError::SignInEnded)
            }
            other => other,
        }
    }

    /// The server has ended this sign-in.
    fn end(&self, user: &User) {
        let mut state = lock(&self.0.state);
        if state.user.as_ref().is_some_and(|present| is_one_sign_in(present, user)) {
            self.enter(&mut state, None);
        }
    }
}

fn is_one_sign_in(one: &User, other: &User) -> bool {
    one.id == other.id && one.epoch == other.epoch
}

impl ObservedSession for OwnSession {
    fn users(&self) -> watch::Receiver<Option<User>> {
        self.0.users.subscribe()
    }
}

#[async_trait]
impl UserSession for OwnSession {
    fn current_user(&self) -> Option<User> {
        lock(&self.0.state).user.clone()
    }

    async fn access_token(&self, user: &User) -> Result<UserToken, SessionError> {
        self.token(user, None).await
    }

    async fn refresh_after_rejection(
        &self,
        user: &User,
        rejected: &UserToken,
    ) -> Result<UserToken, SessionError> {
        self.token(user, Some(rejected)).await
    }

    async fn sign_out(&self) -> Result<(), SessionError> {
        let leaving = {
            let mut state = lock(&self.0.state);
            if let Some(user) = state.user.clone() {
                self.enter(&mut state, None);
                state.leaving = Some(user);
            }
            state.leaving.clone()
        };
        let Some(user) = leaving else { return Ok(()) };
        self.0.tokens.sign_out(&user).await?;
        let mut state = lock(&self.0.state);
        if state.leaving.as_ref() == Some(&user) {
            state.leaving = None;
        }
        Ok(())
    }
}
