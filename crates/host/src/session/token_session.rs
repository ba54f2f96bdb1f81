//! The user's session on this device.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use minihost_core::{Issuer, Scope, User};
use tokio::sync::watch;

use super::{
    ObservedSession,
    refresh::Refreshed,
    sign_in::{Password, Profile},
    sign_in_error::SignInError,
    stored::{self, Stored, Unusable},
    tokens::Tokens,
    vault::{Change, Vault},
};
use crate::{
    clock::Clock,
    http::{Exchange, SingleFlight},
    issuer::{ClientAuthentication, Discovery, Dpop, InvalidIssuer, ServerAddress, ServerMetadata},
    ports::{
        HttpTransport, SecretBytes, SecretName, SecretStore, SecretStoreError, SessionError,
        UserSession, UserToken,
    },
    signing::DpopKey,
    sync::lock,
};

/// Where and as what the user signs in.
pub struct SignInConfig {
    /// The authorization server.
    pub issuer: Issuer,
    /// The host's own credentials.
    pub client: ClientAuthentication,
    /// What the host's token of its user is for.
    pub scopes: BTreeSet<Scope>,
    /// Whether tokens are bound to a key of this installation.
    pub binding: TokenBinding,
}

/// Whether tokens are bound to a key of this installation (RFC 9449), so that who steals one has
/// nothing. The key lies beside the tokens in the secret store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenBinding {
    /// They are not: whoever has a token can use it.
    #[default]
    None,
    /// They are, where the server's metadata offers it with ES256. The profiles `challenge` and
    /// `relay` use such tokens; `authorize` wants the other kind.
    WhereOffered,
}

impl SignInConfig {
    /// The usual scopes: `openid profile email phone mediate`. Without `mediate` the server issues
    /// no codes for mini-programs.
    pub fn new(issuer: Issuer, client: ClientAuthentication) -> Self {
        let scopes = Scope::parse_list("openid profile email phone mediate");
        Self { issuer, client, scopes, binding: TokenBinding::None }
    }
}

/// Signs a user in with a password and keeps the tokens: in memory, and in the secret store while
/// that gives access. Clones are the same session. Everything async must be awaited within a tokio
/// runtime with time enabled.
///
/// Only the server's word (`invalid_grant`) or [`UserSession::sign_out`] ends a session; a network
/// or a secret store that is away never does.
#[derive(Clone)]
pub struct TokenSession(pub(super) Arc<Inner>);

/// What the session's parts share.
pub(super) struct Inner {
    pub(super) config: SignInConfig,
    pub(super) discovery: Arc<Discovery>,
    pub(super) exchange: Exchange,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) refreshes: SingleFlight<Refreshed>,
    vault: Vault,
    state: Mutex<State>,
    users: watch::Sender<Option<User>>,
}

/// Who is signed in.
pub(super) struct State {
    epoch: Epoch,
    pub(super) signed_in: Option<SignedIn>,
}

/// Grows with every sign-in and every end of one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Epoch(u64);

/// One sign-in. Has no `Debug`.
pub(super) struct SignedIn {
    pub(super) user: User,
    pub(super) tokens: Tokens,
}

impl TokenSession {
    /// A session in which nobody is signed in.
    ///
    /// # Errors
    /// [`InvalidIssuer`].
    pub fn new(
        config: SignInConfig,
        transport: Arc<dyn HttpTransport>,
        secrets: Arc<dyn SecretStore>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidIssuer> {
        let address = ServerAddress::new(config.issuer.clone())?;
        let exchange = Exchange::new(transport, clock.clone());
        Ok(Self(Arc::new(Inner {
            discovery: Discovery::new(address, exchange.clone(), clock.clone()),
            exchange,
            clock,
            refreshes: SingleFlight::new(),
            vault: Vault::new(secrets, SecretName::USER_TOKENS),
            state: Mutex::new(State { epoch: Epoch(0), signed_in: None }),
            users: watch::channel(None).0,
            config,
        })))
    }

    /// Signs in whoever was signed in when the process ended, without asking the server. Does
    /// nothing where somebody is signed in already.
    ///
    /// # Errors
    /// [`SecretStoreError`]: nobody is signed in, but somebody may have been. After
    /// [`SecretStoreError::Locked`] try again once the store is unlocked.
    pub async fn restore(&self) -> Result<Option<User>, SecretStoreError> {
        let before = self.0.epoch();
        if let Some(user) = self.current_user() {
            return Ok(Some(user));
        }
        let Some(secret) = self.0.vault.get().await? else { return Ok(None) };
        let Stored { user, display_name, tokens } = match self.0.read(&secret) {
            Ok(stored) => stored,
            Err(Unusable::Foreign) => return Ok(None),
            Err(Unusable::Corrupt) => {
                return Err(SecretStoreError::Corrupt(SecretName::USER_TOKENS));
            }
        };
        let mut state = self.0.state();
        if state.epoch != before {
            return Ok(state.signed_in.as_ref().map(|signed_in| signed_in.user.clone()));
        }
        let user = User { id: user, display_name, epoch: state.next_epoch().0 };
        self.0.enter(&mut state, SignedIn { user: user.clone(), tokens });
        Ok(Some(user))
    }

    /// Signs a user in with the password grant (RFC 6749 §4.3), in place of whoever was signed in.
    /// The password is not kept. A secret store that gives no access is no error: the sign-in
    /// lasts until the process ends, and the log says so.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in_with_password(
        &self,
        username: &str,
        password: Password,
    ) -> Result<User, SignInError> {
        let before = self.0.epoch();
        let (profile, tokens) = self.0.fetch_sign_in(username, password).await?;
        self.0.admit(before, profile, tokens).await
    }
}

impl ObservedSession for TokenSession {
    fn users(&self) -> watch::Receiver<Option<User>> {
        self.0.users.subscribe()
    }
}

#[async_trait]
impl UserSession for TokenSession {
    fn current_user(&self) -> Option<User> {
        self.0.state().signed_in.as_ref().map(|signed_in| signed_in.user.clone())
    }

    async fn access_token(&self, user: &User) -> Result<UserToken, SessionError> {
        self.0.token(user, None).await
    }

    async fn refresh_after_rejection(
        &self,
        user: &User,
        rejected: &UserToken,
    ) -> Result<UserToken, SessionError> {
        self.0.token(user, Some(rejected)).await
    }

    async fn sign_out(&self) -> Result<(), SessionError> {
        let (left, change) = {
            let mut state = self.0.state();
            let left = state.signed_in.take();
            (left, self.0.leave(&mut state))
        };
        // A task of its own: a host that stops waiting still revokes.
        let revoking = left.map(|SignedIn { tokens, .. }| {
            let this = self.0.clone();
            tokio::spawn(async move { this.revoke(tokens).await })
        });
        let settled = self.0.settled(change).await;
        if let Some(revoking) = revoking {
            let _ = revoking.await;
        }
        settled.map_err(SessionError::Store)
    }
}

impl Inner {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// A new key for tokens, where they are to be bound to one.
    pub(super) fn new_key(&self, metadata: &ServerMetadata) -> Option<Arc<DpopKey>> {
        match (self.config.binding, metadata.dpop) {
            (TokenBinding::WhereOffered, Dpop::Es256) => DpopKey::generate(),
            _ => None,
        }
    }

    pub(super) fn epoch(&self) -> Epoch {
        self.state().epoch
    }

    /// Signs in, unless somebody else was faster since `before`. Whoever was signed in is so no more,
    /// and another user's tokens are revoked.
    pub(super) async fn admit(
        self: &Arc<Self>,
        before: Epoch,
        Profile { id, display_name }: Profile,
        tokens: Tokens,
    ) -> Result<User, SignInError> {
        let (user, left, change) = {
            let mut state = self.state();
            if state.epoch != before {
                return Err(SignInError::Overtaken);
            }
            let epoch = state.next_epoch().0;
            let user = User { id, display_name, epoch };
            let left = state.signed_in.take().filter(|left| left.user.id != user.id);
            self.enter(&mut state, SignedIn { user: user.clone(), tokens });
            (user, left, self.keep(&state))
        };
        if let Some(SignedIn { tokens, .. }) = left {
            let this = self.clone();
            tokio::spawn(async move { this.revoke(tokens).await });
        }
        if self.settled(change).await.is_err() {
            tracing::warn!("the sign-in is not stored; it lasts until the process ends");
        }
        Ok(user)
    }

    /// Nobody is signed in any more.
    pub(super) fn leave(&self, state: &mut State) -> Change {
        state.next_epoch();
        state.signed_in = None;
        self.users.send_replace(None);
        self.keep(state)
    }

    /// Writes down what the state is now.
    pub(super) fn keep(&self, state: &State) -> Change {
        self.vault.set(state.signed_in.as_ref().map(|signed_in| self.write(signed_in)))
    }

    /// Waits until it is written.
    pub(super) async fn settled(&self, change: Change) -> Result<(), SecretStoreError> {
        self.vault.settled(change).await
    }

    fn enter(&self, state: &mut State, signed_in: SignedIn) {
        self.users.send_replace(Some(signed_in.user.clone()));
        state.signed_in = Some(signed_in);
    }

    fn write(&self, signed_in: &SignedIn) -> SecretBytes {
        let SignedIn { user, tokens } = signed_in;
        let party = (&self.config.issuer, self.config.client.client_id());
        stored::write(party, (&user.id, &user.display_name), tokens)
    }

    fn read(&self, secret: &SecretBytes) -> Result<Stored, Unusable> {
        let party = (&self.config.issuer, self.config.client.client_id());
        stored::read(secret, party, self.clock.now())
    }
}

impl State {
    fn next_epoch(&mut self) -> Epoch {
        self.epoch = Epoch(self.epoch.0 + 1);
        self.epoch
    }
}
