//! The session of a host app that signs its users in by itself.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use minihost::{
    Ticket, UserId,
    ports::{Later, SecretStoreError, SessionError, UserToken},
    session::UserTokens,
};

use crate::{
    MiniHost,
    config::User,
    error::{HostError, UserChangeError},
    port_error::{PortError, asked},
};

/// Gives tokens of users whom the host app signs in by itself. Called on a thread of the SDK.
///
/// Who is signed in is told by [`user_changed`](crate::MiniHost::user_changed). An implementation
/// refreshes once however many ask, and never answers with the token of another user, nor of the same
/// user's earlier or later sign-in.
#[uniffi::export(foreign)]
pub trait UserSession: Send + Sync {
    /// Begins to get an access token of this user that is good for a while, and returns. `rejected` is
    /// one that the server has not taken though its time was not up: another is wanted. What comes of
    /// it is told by [`token_given`](crate::MiniHost::token_given) or
    /// [`no_token`](crate::MiniHost::no_token) with the same ticket.
    ///
    /// # Errors
    /// [`PortError`]; the page hears `temporarily_unavailable`.
    fn access_token(
        &self,
        ticket: u64,
        user: User,
        rejected: Option<String>,
    ) -> Result<(), PortError>;

    /// Nobody waits for the token any more.
    ///
    /// # Errors
    /// [`PortError`]; nothing follows from it.
    fn abandon(&self, ticket: u64) -> Result<(), PortError>;

    /// Begins to end this user's sign-in in the host app, and returns: somebody has called
    /// [`sign_out`](crate::MiniHost::sign_out), and for the SDK nobody is signed in any more. What comes of
    /// it is told by [`signed_out`](crate::MiniHost::signed_out) with the same ticket.
    ///
    /// # Errors
    /// [`PortError`]; the sign-out is not complete.
    fn sign_out(&self, ticket: u64, user: User) -> Result<(), PortError>;
}

/// Why the host app gives no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum NoToken {
    /// The server has ended the sign-in: nobody is signed in any more.
    SignInEnded,
    /// Another user is signed in, or the same one has signed in anew.
    UserChanged,
    /// The tokens are out of reach just now. The user stays signed in.
    Unavailable,
    /// The server could not be reached. The user stays signed in.
    Network,
    /// The server wants to be left alone for a while. The user stays signed in.
    TryLater {
        /// Seconds to wait, where the server says.
        retry_after: Option<u64>,
    },
    /// The server gave an answer that cannot be used. The user stays signed in.
    Server,
}

/// What came of a sign-out in the host app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SignOutResult {
    /// Its tokens are gone.
    Done,
    /// Its tokens are still there.
    TokensRemain,
}

#[uniffi::export]
impl MiniHost {
    /// Tells who is signed in to the host app from now on. A new sign-in, of the same user too, has a
    /// higher epoch than any before; the id is the authorization server's `sub`. What the user before had
    /// asked for ends with `account_changed`.
    ///
    /// # Errors
    /// [`UserChangeError`]; nothing has changed then, but that after [`UserChangeError::SignInOver`]
    /// nobody is signed in.
    pub fn user_changed(&self, user: Option<User>) -> Result<(), UserChangeError> {
        let running = self.running()?;
        let account = running.accounts.own().ok_or(UserChangeError::SdkSignsIn)?;
        Ok(account.user_changed(user.map(minihost::User::from))?)
    }

    /// Gives a token. Where nobody waits for it any more, nothing follows.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn token_given(&self, ticket: u64, token: String) -> Result<(), HostError> {
        self.running()?.answers.tokens.answer(Ticket(ticket), Ok(UserToken::new(token)));
        Ok(())
    }

    /// Says why there is no token. Where nobody waits for it any more, nothing follows.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn no_token(&self, ticket: u64, why: NoToken) -> Result<(), HostError> {
        self.running()?.answers.tokens.answer(Ticket(ticket), Err(why.into()));
        Ok(())
    }

    /// Tells what came of a sign-out. Where nobody waits for it any more, nothing follows.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn signed_out(&self, ticket: u64, result: SignOutResult) -> Result<(), HostError> {
        self.running()?.answers.sign_outs.answer(Ticket(ticket), result);
        Ok(())
    }
}

impl From<NoToken> for SessionError {
    fn from(why: NoToken) -> Self {
        match why {
            NoToken::SignInEnded => Self::SignInEnded,
            NoToken::UserChanged => Self::AccountChanged,
            NoToken::Unavailable => not_available(),
            NoToken::Network => Self::Network("the host app says so".to_owned()),
            NoToken::TryLater { retry_after } => Self::TemporarilyUnavailable { retry_after },
            NoToken::Server => Self::Server("the host app says so".to_owned()),
        }
    }
}

impl From<User> for minihost::User {
    fn from(User { id, display_name, epoch }: User) -> Self {
        Self { id: UserId::new(id), display_name, epoch }
    }
}

fn not_available() -> SessionError {
    SessionError::Store(SecretStoreError::Unavailable("the host app's own".to_owned()))
}

/// What came of a token.
pub(crate) type Token = Result<UserToken, SessionError>;

/// A foreign session as a port of the SDK.
pub(crate) struct ForeignSession {
    pub(crate) port: Arc<dyn UserSession>,
    pub(crate) tokens: Later<Token>,
    pub(crate) sign_outs: Later<SignOutResult>,
    pub(crate) last: AtomicU64,
}

impl ForeignSession {
    fn ticket(&self) -> Ticket {
        Ticket(self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

#[async_trait]
impl UserTokens for ForeignSession {
    async fn access_token(&self, user: &minihost::User, rejected: Option<&UserToken>) -> Token {
        let ticket = self.ticket();
        let user = User::from(user.clone());
        let rejected = rejected.map(|token| token.expose().to_owned());
        let (get, abandon) = (self.port.clone(), self.port.clone());
        let token = self.tokens.ask(
            ticket,
            move || asked("UserSession.access_token", get.access_token(ticket.0, user, rejected)),
            move || PortError::note("UserSession.abandon", abandon.abandon(ticket.0)),
        );
        token.await.unwrap_or_else(|_| Err(not_available()))
    }

    async fn sign_out(&self, user: &minihost::User) -> Result<(), SessionError> {
        let (ticket, user) = (self.ticket(), User::from(user.clone()));
        let port = self.port.clone();
        let signed_out = self.sign_outs.ask(
            ticket,
            move || asked("UserSession.sign_out", port.sign_out(ticket.0, user)),
            // It goes on though nobody waits for it.
            || {},
        );
        match signed_out.await {
            Ok(SignOutResult::Done) => Ok(()),
            Ok(SignOutResult::TokensRemain) | Err(_) => Err(not_available()),
        }
    }
}
