//! The server as the embedding program sees it, and the state its endpoints share.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use crate::accounts::Accounts;
use crate::authorize::Challenges;
use crate::clock::SteeredClock;
use crate::config::{Config, Issuer, Lifetimes, OpenRequests};
use crate::error::OpenError;
use crate::freshness::Freshness;
use crate::http::cors;
use crate::jose::SigningAlgorithm;
use crate::keys::Seal;
use crate::login::{LoginPlace, Receipts};
use crate::pairwise::PairwiseSalt;
use crate::password::Passwords;
use crate::proxy::TrustedProxies;
use crate::registry::{Catalog, Registry};
use crate::serve::BODY;
use crate::steering::Steering;
use crate::store::{Purpose, Store};
use crate::throttle::Throttle;
use crate::{
    account, authorize, challenge, device, freshness, grant_management, introspection, keys, login,
    metadata, revocation, token, userinfo,
};

/// An open authorization server. Cheap to clone; all clones are the same server.
#[derive(Clone)]
pub struct AuthorizationServer {
    server: Server,
    registry: Registry,
}

impl AuthorizationServer {
    /// Opens the database, making it if need be, and starts the thread that writes to it. One process
    /// at a time can serve from a database; others can change what is registered with
    /// [`Registry::open`].
    ///
    /// # Errors
    /// When the configuration breaks a rule, or the database or the key file beside it cannot be used; [`OpenError`] says in
    /// one sentence what to do.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        let issuer = Issuer::new(&config.issuer)?;
        let lifetimes = config.lifetimes.check()?;
        config.login.check()?;
        let clock = SteeredClock::new(config.clock);
        let (registry, salt) =
            Registry::open_for(&config.database, Purpose::Serving, clock.clone()).await?;
        if config.login.system().is_some() {
            let made = registry.provide_key(SigningAlgorithm::EdDsa).await;
            made.map_err(|error| OpenError::SigningKey(error.to_string()))?;
        }
        let freshness = Freshness::new(clock.now())?;
        let server = Server(Arc::new(State {
            issuer,
            lifetimes,
            clock,
            store: registry.store.clone(),
            catalog: registry.catalog.clone(),
            salt,
            passwords: registry.passwords.clone(),
            seal: Arc::clone(&registry.seal),
            accounts: Accounts::new(config.accounts),
            throttle: Throttle::default(),
            freshness,
            receipts: Receipts::new()?,
            challenges: Challenges::default(),
            login: config.login,
            trusted_proxies: config.trusted_proxies,
            open_requests: config.open_requests,
        }));
        Ok(Self { server, registry })
    }

    /// The endpoints, for a program that serves them in its own way, under the issuer's origin;
    /// [`AuthorizationServer::serve`] does so within limits.
    ///
    /// Served with `into_make_service_with_connect_info::<SocketAddr>()`, failed authentications
    /// are counted per address, which behind a proxy is what [`Config::trusted_proxies`] make of it;
    /// otherwise for all callers together.
    pub fn router(&self) -> Router {
        Router::new()
            .merge(self.for_pages())
            .merge(authorize::routes())
            .merge(login::routes())
            .merge(account::routes())
            .route(challenge::PATH, post(challenge::answer))
            .route(freshness::PATH, post(freshness::answer))
            .route(device::AUTHORIZATION_PATH, post(device::authorize))
            .route(device::VERIFICATION_PATH, get(device::show).post(device::take))
            .route(device::APPROVAL_PATH, post(device::approve))
            .route(introspection::PATH, post(introspection::answer))
            .route(
                grant_management::GRANT_PATH,
                get(grant_management::query).delete(grant_management::revoke),
            )
            .layer(DefaultBodyLimit::max(BODY))
            .layer(from_fn_with_state(self.server.clone(), freshness::offer))
            .with_state(self.server.clone())
    }

    /// The issuer identifier, without a trailing slash.
    pub(crate) fn issuer(&self) -> &str {
        self.server.issuer.as_str()
    }

    /// What pages may call from a browser.
    fn for_pages(&self) -> Router<Server> {
        let registered = |methods: &[Method]| cors::for_registered_pages(&self.server, methods);
        let post_only = registered(&[Method::POST]);
        let token = get(token::answer_query).post(token::answer);
        let userinfo = get(userinfo::answer).post(userinfo::answer);
        Router::new()
            .route(token::PATH, token.layer(post_only.clone()))
            .route(revocation::PATH, post(revocation::answer).layer(post_only))
            .route(userinfo::PATH, userinfo.layer(registered(&[Method::GET, Method::POST])))
            .route_layer(from_fn(cors::only_its_own_pages))
            .route(metadata::OAUTH_PATH, get(metadata::answer).layer(cors::for_all_pages()))
            .route(metadata::OPENID_PATH, get(metadata::answer).layer(cors::for_all_pages()))
            .route(keys::PATH, get(keys::answer).layer(cors::for_all_pages()))
    }

    /// Where clients and users are created and updated.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Controls for tests and for the sample host; they are never reachable over HTTP.
    #[must_use]
    pub fn steering(&self) -> Steering {
        Steering::new(self.server.store.clone(), self.server.clock.clone())
    }

    /// Finishes what has begun, moves the log into the database file and closes it. Requests that
    /// come later, through any clone, are answered with 503.
    pub async fn close(self) {
        self.server.store.close().await;
    }
}

/// What the endpoints share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Server(Arc<State>);

pub(crate) struct State {
    pub(crate) issuer: Issuer,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) clock: SteeredClock,
    pub(crate) store: Store,
    pub(crate) catalog: Catalog,
    pub(crate) salt: PairwiseSalt,
    pub(crate) passwords: Passwords,
    pub(crate) accounts: Accounts,
    pub(crate) seal: Arc<Seal>,
    pub(crate) throttle: Throttle,
    pub(crate) freshness: Freshness,
    pub(crate) receipts: Receipts,
    pub(crate) challenges: Challenges,
    pub(crate) login: LoginPlace,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) open_requests: OpenRequests,
}

impl std::ops::Deref for Server {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}
