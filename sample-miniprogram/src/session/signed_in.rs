use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::{
    database::AccountId,
    oauth::{ExchangeError, OAuthClient, OpenId, Tokens, UserDetails},
};

/// The user of a session, and the tokens that the program holds for them.
#[derive(Clone)]
pub(crate) struct SignedIn {
    account: AccountId,
    details: Arc<UserDetails>,
    sign_ins: i64,
    current: Arc<Mutex<Arc<Generation>>>,
}

/// Tokens, and those that replaced them.
pub(crate) struct Generation {
    tokens: Tokens,
    successor: OnceCell<Arc<Generation>>,
}

/// What became of a refresh.
pub(crate) enum Refresh {
    /// There are new tokens.
    Done(Arc<Generation>),
    /// The user must continue with the host again: the server takes the refresh token no more.
    SignInAgain,
}

impl SignedIn {
    /// The user of `account`, who has signed in `sign_ins` times, this one included.
    pub(crate) fn new(
        account: AccountId,
        sign_ins: i64,
        details: UserDetails,
        tokens: Tokens,
    ) -> Self {
        let current = Arc::new(Mutex::new(Generation::new(tokens)));
        Self { account, details: Arc::new(details), sign_ins, current }
    }

    pub(crate) fn account(&self) -> AccountId {
        self.account
    }

    pub(crate) fn open_id(&self) -> &OpenId {
        &self.details.open_id
    }

    /// The user's details as they were at the sign-in.
    pub(crate) fn details(&self) -> &UserDetails {
        &self.details
    }

    pub(crate) fn sign_ins(&self) -> i64 {
        self.sign_ins
    }

    /// The newest tokens.
    pub(crate) fn current(&self) -> Arc<Generation> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces `stale` once, however many requests find it stale at the same time.
    ///
    /// The exchange goes on when the request that began it is gone: a refresh token may be good for
    /// one use, and its answer must not get lost.
    pub(crate) async fn refresh(
        &self,
        stale: Arc<Generation>,
        client: Arc<OAuthClient>,
    ) -> Result<Refresh, ExchangeError> {
        let signed_in = self.clone();
        let refreshing = tokio::spawn(async move {
            let Some(token) = &stale.tokens.refresh else {
                return Ok(Refresh::SignInAgain);
            };
            let fresh = stale.successor.get_or_try_init(|| async {
                let tokens = client.refresh(token).await?;
                let fresh = Generation::new(tokens);
                *signed_in.current.lock().unwrap_or_else(PoisonError::into_inner) =
                    Arc::clone(&fresh);
                Ok(fresh)
            });
            match fresh.await {
                Ok(fresh) => Ok(Refresh::Done(Arc::clone(fresh))),
                Err(ExchangeError::Refused(code)) if code == "invalid_grant" => {
                    Ok(Refresh::SignInAgain)
                }
                Err(error) => Err(error),
            }
        });
        refreshing.await.unwrap_or(Err(ExchangeError::Unacceptable("the refresh was cut off")))
    }
}

impl Generation {
    fn new(tokens: Tokens) -> Arc<Self> {
        Arc::new(Self { tokens, successor: OnceCell::new() })
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}
