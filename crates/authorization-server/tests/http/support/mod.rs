//! A server with two hosts, three mini-programs and two users, and the clients to talk to it.

pub(crate) mod account_service;
pub(crate) mod authentication_system;
pub(crate) mod browser;
mod clock;
pub(crate) mod jwt;
pub(crate) mod keys;
pub(crate) mod log;
pub(crate) mod lossy_network;
mod network;
mod requests;
pub(crate) mod resource_server;
mod wire;

use std::collections::BTreeMap;
use std::future::pending;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use minihost_authorization_server::{
    AuthorizationServer, ClientAuthentication, ClientId, ClientKind, ClientRegistration,
    ClientSecret, Config, GrantType, Limits, Listener, Password, RedirectUri, RefreshPolicy,
    Requirement, Scopes, ServeOptions, SigningAlgorithm, UserRegistration,
};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) use clock::TestClock;
pub(crate) use network::{http_client, http_client_at, http_client_without_redirects};
pub(crate) use wire::{Answer, Form, Pkce, callback, redeem_form};

pub(crate) const ALL: &str = "openid profile email phone";
pub(crate) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
pub(crate) const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A running server and everything that was ever secret about it.
pub(crate) struct World {
    pub(crate) server: AuthorizationServer,
    pub(crate) base: String,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) database: PathBuf,
    directory: Option<TempDir>,
    http: reqwest::Client,
    secrets: BTreeMap<String, String>,
    minted: Mutex<Vec<String>>,
    task: tokio::task::JoinHandle<()>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("server.sqlite");
        let mut world = Self::open(&database, TestClock::new()).await;
        world.directory = Some(directory);
        world.register_all().await;
        world
    }

    /// As [`new`](Self::new), with changes to the configuration.
    pub(crate) async fn new_with(clock: Arc<TestClock>, change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("server.sqlite");
        let mut world = Self::open_with(&database, clock, change).await;
        world.directory = Some(directory);
        world.register_all().await;
        world
    }

    /// Opens the server on a file that may hold something already; registers nobody.
    pub(crate) async fn open(database: &Path, clock: Arc<TestClock>) -> Self {
        Self::open_with(database, clock, |_| {}).await
    }

    /// As [`open`](Self::open), with changes to the configuration.
    pub(crate) async fn open_with(
        database: &Path,
        clock: Arc<TestClock>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        Self::serve(database, clock, listener, base, change).await
    }

    /// A server under an issuer at which it cannot be reached.
    pub(crate) async fn at(issuer: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("server.sqlite");
        let world = Self::reopen(&database, TestClock::new(), issuer).await;
        Self { directory: Some(directory), ..world }
    }

    /// Opens a server that was closed, under the same issuer although at another port.
    pub(crate) async fn reopen(database: &Path, clock: Arc<TestClock>, issuer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        let world = Self::serve(database, clock, listener, issuer.to_owned(), |_| {}).await;
        Self { base: at, ..world }
    }

    async fn serve(
        database: &Path,
        clock: Arc<TestClock>,
        listener: TcpListener,
        base: String,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Config::new(base.parse().unwrap(), database);
        config.clock = clock.clone();
        change(&mut config);
        let server = AuthorizationServer::open(config).await.unwrap();
        let hosts = vec![listener.local_addr().unwrap().to_string()];
        let options = ServeOptions { hosts, limits: patient() };
        let task = tokio::spawn({
            let (server, listener) = (server.clone(), Listener::on_loopback(listener).unwrap());
            async move { server.serve(listener, options, pending()).await }
        });
        Self {
            server,
            base,
            clock,
            database: database.to_owned(),
            directory: None,
            http: http_client(),
            secrets: BTreeMap::new(),
            minted: Mutex::default(),
            task,
        }
    }

    /// Stops serving and closes the database; the directory stays until it is dropped.
    pub(crate) async fn close(self) -> (Option<TempDir>, PathBuf, Arc<TestClock>) {
        self.task.abort();
        self.server.close().await;
        (self.directory, self.database, self.clock)
    }

    pub(crate) async fn register_all(&mut self) {
        let fixed = RefreshPolicy::Fixed { lifetime: WEEK };
        let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
        for (id, targets) in [("bank", "teahouse cinema gallery"), ("rival", "cinema")] {
            let registration = self.host(id, targets);
            self.put(registration).await;
        }
        for (id, refresh) in [("teahouse", fixed), ("cinema", rotating)] {
            let authentication = self.new_secret(id);
            self.put(program(id, authentication, refresh)).await;
        }
        self.put(program("gallery", ClientAuthentication::None, rotating)).await;
        for name in ["alice", "bob"] {
            self.put_user(name).await;
        }
    }

    pub(crate) fn host(&mut self, id: &str, targets: &str) -> ClientRegistration {
        let kind = ClientKind::Host {
            may_mediate_for: targets.split(' ').map(client_id).collect(),
            consent_evidence: Requirement::Optional,
        };
        let scopes = Scopes::parse(&format!("{ALL} mediate")).unwrap();
        let authentication = self.new_secret(id);
        let mut host = ClientRegistration::new(client_id(id), kind, authentication, scopes.clone());
        host.grants = [GrantType::AuthorizationCode, GrantType::Password].into();
        host.default_scopes = scopes;
        host.access_token_lifetime = Duration::from_secs(600);
        host.refresh = RefreshPolicy::Fixed { lifetime: WEEK };
        host.id_token_algorithm = SigningAlgorithm::EdDsa;
        host
    }

    pub(crate) async fn put(&self, registration: ClientRegistration) {
        self.server.registry().put_client(registration).await.unwrap();
    }

    async fn put_user(&mut self, name: &str) {
        let password = ClientSecret::generate().unwrap().expose().to_owned();
        self.remember(&password);
        self.secrets.insert(name.to_owned(), password.clone());
        let registration = UserRegistration {
            username: name.to_owned(),
            password: Password::new(password),
            preferred_username: name.to_owned(),
            email: Some(format!("{name}@mail.example")),
            email_verified: name == "alice",
            phone_number: Some("+15550100".to_owned()),
        };
        self.server.registry().put_user(registration).await.unwrap();
    }

    pub(crate) fn new_secret(&mut self, id: &str) -> ClientAuthentication {
        let secret = ClientSecret::generate().unwrap();
        self.remember(secret.expose());
        self.secrets.insert(id.to_owned(), secret.expose().to_owned());
        ClientAuthentication::Secret(secret)
    }

    /// The secret of a client, or the password of a user.
    pub(crate) fn secret(&self, of: &str) -> &str {
        &self.secrets[of]
    }

    pub(crate) fn remember(&self, secret: &str) {
        self.minted.lock().unwrap().push(secret.to_owned());
    }

    /// Every code, token, secret, password and verifier of this world so far.
    pub(crate) fn minted(&self) -> Vec<String> {
        self.minted.lock().unwrap().clone()
    }
}

/// The usual limits, but for a server whose disk may be busy with other tests: a commit that waits
/// longer than callers do is no finding.
pub(crate) fn patient() -> Limits {
    Limits { request: Duration::from_secs(120), ..Limits::default() }
}

/// How many cases a property is tried with: `gate` usually, and `soak` where many were asked for
/// (`cargo xtask test soak`).
pub(crate) fn cases(gate: u32, soak: u32) -> u32 {
    if std::env::var_os("PROPTEST_CASES").is_some() { soak } else { gate }
}

pub(crate) fn client_id(id: &str) -> ClientId {
    ClientId::new(id).unwrap()
}

pub(crate) fn program(
    id: &str,
    authentication: ClientAuthentication,
    refresh: RefreshPolicy,
) -> ClientRegistration {
    let scopes = Scopes::parse(ALL).unwrap();
    let kind = ClientKind::MiniProgram;
    let mut program = ClientRegistration::new(client_id(id), kind, authentication, scopes);
    program.redirect_uris = vec![
        RedirectUri::new(callback(id)).unwrap(),
        RedirectUri::new(format!("https://{id}.example/back")).unwrap(),
    ];
    program.access_token_lifetime = Duration::from_secs(60);
    program.refresh = refresh;
    program.id_token_algorithm = SigningAlgorithm::Es256;
    program
}
