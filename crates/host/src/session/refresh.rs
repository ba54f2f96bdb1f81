//! Tokens that are good for a while, refreshed once however many ask.

use std::sync::Arc;

use minihost_core::User;

use super::{
    sign_in::proving,
    sign_in_error::host_rejection,
    token_session::{Inner, SignedIn, State},
    tokens::{RefreshToken, Tokens},
};
use crate::{
    http::{Answer, Fault, Form},
    issuer::{CredentialError, DiscoveryError},
    ports::{SessionError, UserToken},
    signing::DpopKey,
};

/// What is held for a user.
enum Held {
    /// Good for a while.
    Good(UserToken),
    /// To be refreshed; good still, where the token is there.
    Stale(Option<UserToken>),
}

/// How often to look again after a refresh that was not this caller's.
const ROUNDS: usize = 3;

/// What a refresh came to, and for which sign-in it was: who joins it may be of another.
#[derive(Clone)]
pub(super) struct Refreshed {
    epoch: u64,
    result: Result<(), SessionError>,
}

/// Whether an error may be gone the next time.
fn is_passing(error: &SessionError) -> bool {
    match error {
        SessionError::Network(_)
        | SessionError::TimedOut
        | SessionError::TemporarilyUnavailable { .. }
        | SessionError::Credentials(CredentialError::Signer(_))
        | SessionError::Server(_) => true,
        SessionError::NotSignedIn
        | SessionError::AccountChanged
        | SessionError::SignInEnded
        | SessionError::Store(_)
        | SessionError::Credentials(CredentialError::StaticSecretInApp(_))
        | SessionError::HostRejected { .. } => false,
    }
}

impl State {
    /// What is held for the very sign-in that the user value stands for.
    fn of(&mut self, user: &User) -> Result<&mut SignedIn, SessionError> {
        match &mut self.signed_in {
            None => Err(SessionError::NotSignedIn),
            Some(signed_in)
                if signed_in.user.id != user.id || signed_in.user.epoch != user.epoch =>
            {
                Err(SessionError::AccountChanged)
            }
            Some(signed_in) => Ok(signed_in),
        }
    }
}

impl Inner {
    /// A token of this user other than the rejected one.
    pub(super) async fn token(
        self: &Arc<Self>,
        user: &User,
        rejected: Option<&UserToken>,
    ) -> Result<UserToken, SessionError> {
        for _ in 0..ROUNDS {
            let still_good = match self.held(user, rejected)? {
                Held::Good(token) => return Ok(token),
                Held::Stale(token) => token,
            };
            let (this, whose, refused) = (self.clone(), user.clone(), rejected.cloned());
            let refreshed = self.refreshes.join(|| async move {
                let result = this.refresh(&whose, refused.as_ref()).await;
                Refreshed { epoch: whose.epoch, result }
            });
            let Ok(Refreshed { epoch, result }) = refreshed.await else { break };
            if epoch != user.epoch {
                continue;
            }
            match (result, still_good) {
                (Ok(()), _) => {
                    let latest = self.latest(user)?;
                    if rejected.is_none_or(|token| token.expose() != latest.expose()) {
                        return Ok(latest);
                    }
                }
                (Err(error), Some(token)) if is_passing(&error) => return Ok(token),
                (Err(error), _) => return Err(error),
            }
        }
        Err(SessionError::Server("it gives no other token".to_owned()))
    }

    fn held(&self, user: &User, rejected: Option<&UserToken>) -> Result<Held, SessionError> {
        let now = self.clock.now();
        let mut state = self.state();
        let Tokens { access, refresh, expiry } = &state.of(user)?.tokens;
        let is_rejected = rejected.is_some_and(|token| token.expose() == access.expose());
        Ok(match expiry {
            _ if is_rejected => Held::Stale(None),
            Some(expiry) if expiry.is_reached(now) => Held::Stale(None),
            Some(expiry) if expiry.is_near(now) && refresh.is_some() => {
                Held::Stale(Some(access.clone()))
            }
            _ => Held::Good(access.clone()),
        })
    }

    fn latest(&self, user: &User) -> Result<UserToken, SessionError> {
        Ok(self.state().of(user)?.tokens.access.clone())
    }

    /// Refreshes, unless that has just been done. Only one of these runs at a time.
    async fn refresh(&self, user: &User, rejected: Option<&UserToken>) -> Result<(), SessionError> {
        if let Held::Good(_) = self.held(user, rejected)? {
            return Ok(());
        }
        let Tokens { access, refresh, .. } = self.state().of(user)?.tokens.clone();
        let Some(refresh) = refresh else {
            return Err(self.end(user));
        };
        // A refresh token is of no use without the key that the tokens before it were bound to.
        let key = access.key();
        // Before the request: on a slow network a token must not seem to live longer than it does.
        let asked_at = self.clock.now();
        match self.exchange_refresh(&refresh, key).await? {
            Answer::Success(response) => {
                let tokens = Tokens::read(response.body(), Some(&refresh), key, asked_at)
                    .map_err(|what| SessionError::Server(what.to_owned()))?;
                let change = {
                    let mut state = self.state();
                    state.of(user)?.tokens = tokens;
                    self.keep(&state)
                };
                // The token before may be spent: nobody goes on before its successor is safe. A
                // store that fails has said so in the log.
                let _ = self.settled(change).await;
                Ok(())
            }
            Answer::Refused(refusal) if refusal.error == "invalid_grant" => Err(self.end(user)),
            Answer::Refused(refusal) => Err(match host_rejection(&refusal.error) {
                Some(error) => SessionError::HostRejected { error },
                None => SessionError::Server("its error code is unknown".to_owned()),
            }),
        }
    }

    async fn exchange_refresh(
        &self,
        refresh: &RefreshToken,
        key: Option<&Arc<DpopKey>>,
    ) -> Result<Answer, SessionError> {
        let metadata = self.discovery.metadata().await?;
        let endpoint = metadata.token_endpoint.clone();
        let endpoint = endpoint
            .ok_or_else(|| SessionError::Server("its metadata lacks an endpoint".to_owned()))?;
        let mut form = Form::new("grant_type", "refresh_token");
        form.add("refresh_token", refresh.expose());
        let request = self.as_host(&endpoint, form).await?;
        Ok(self.exchange.send(proving(request, key)).await?)
    }

    /// The server has ended the sign-in.
    fn end(&self, user: &User) -> SessionError {
        let mut state = self.state();
        match state.of(user) {
            Ok(_) => {
                self.leave(&mut state);
                tracing::info!("the authorization server has ended the user's sign-in");
                SessionError::SignInEnded
            }
            Err(error) => error,
        }
    }
}

impl From<Fault> for SessionError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unreachable(detail)
            | Fault::Untrusted(detail)
            | Fault::ConnectionLost(detail) => Self::Network(detail),
            Fault::TimedOut => Self::TimedOut,
            Fault::NotTheServer { status, .. } => {
                Self::Network(format!("something else answered with status {status}"))
            }
            Fault::Unavailable { retry_after, .. } => Self::TemporarilyUnavailable { retry_after },
            Fault::Failed { status } => Self::Server(format!("it has status {status}")),
            Fault::Unacceptable(what) => Self::Server(what.to_owned()),
        }
    }
}

impl From<DiscoveryError> for SessionError {
    fn from(error: DiscoveryError) -> Self {
        match error {
            DiscoveryError::Fault(fault) => fault.into(),
            DiscoveryError::Metadata(error) => {
                Self::Server(format!("its metadata is not usable: {}", error.as_str()))
            }
        }
    }
}
