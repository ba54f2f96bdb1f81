//! A server with two hosts, three mini-programs and two users, and the clients to talk to it.

pub(crate) mod account_service;
pub(crate) mod authentication_system;
pub(crate) mod browser;
pub(crate) mod jwt;
pub(crate) mod keys;
pub(crate) mod lossy_network;
pub(crate) mod resource_server;
mod wire;

use std::collections::BTreeMap;
use std::future::pending;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use minihost_authorization_server::{
    AuthorizationServer, ClientAuthentication, ClientId, ClientKind, ClientRegistration,
    ClientSecret, Clock, Config, GrantType, Listener, Password, RedirectUri, RefreshPolicy,
    Requirement, Scopes, ServeOptions, SigningAlgorithm, UserRegistration,
};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) use wire::{Answer, Form, Pkce, callback, redeem_form};

pub(crate) const ALL: &str = "openid profile email phone";
pub(crate) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
pub(crate) const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A clock that stands still until it is told otherwise.
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        let start: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        Arc::new(Self(AtomicI64::new(start.as_millisecond())))
    }

    /// Since the Unix epoch.
    pub(crate) fn seconds(&self) -> i64 {
        self.now().as_second()
    }

    pub(crate) fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

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
        let options = ServeOptions { hosts, ..ServeOptions::default() };
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

    // --- requests ---

    /// Sends a request and checks what holds for every answer.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let answer = Answer { status, headers, json };
        for member in [
            "authorization_code",
            "access_token",
            "refresh_token",
            "id_token",
            "device_code",
            "user_code",
        ] {
            if let Some(secret) = answer.json[member].as_str() {
                self.remember(secret);
            }
        }
        if status != StatusCode::METHOD_NOT_ALLOWED && status != StatusCode::NOT_FOUND {
            let cached = answer.header("cache-control");
            assert_eq!(
                cached,
                Some(if answer.json.get("keys").is_some() {
                    "public, max-age=300"
                } else {
                    "no-store"
                })
            );
        }
        if let Some(description) = answer.json["error_description"].as_str() {
            let allowed = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
            assert!(description.bytes().all(allowed), "RFC 6749 section 5.2: {description}");
        }
        answer
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn post(&self, path: &str, client: &str, form: &Form) -> Answer {
        self.send(self.as_client(path, client, form)).await
    }

    /// A request with the client's secret, or only with its name where it has none.
    pub(crate) fn as_client(
        &self,
        path: &str,
        client: &str,
        form: &Form,
    ) -> reqwest::RequestBuilder {
        let mut request = self.request(Method::POST, path);
        let mut form = form.clone();
        match self.secrets.get(client) {
            Some(secret) => request = request.basic_auth(client, Some(secret)),
            None => form = form.with("client_id", client),
        }
        request.form(&form.0)
    }

    pub(crate) async fn post_unauthenticated(&self, path: &str, form: &Form) -> Answer {
        self.send(self.request(Method::POST, path).form(&form.0)).await
    }

    pub(crate) fn password_form(&self, user: &str) -> Form {
        Form::new(&[
            ("grant_type", "password"),
            ("username", user),
            ("password", self.secret(user)),
        ])
    }

    /// The host's access token of this user.
    pub(crate) async fn sign_in(&self, host: &str, user: &str) -> String {
        let answer = self.post("/token", host, &self.password_form(user)).await;
        answer.ok().text("access_token").to_owned()
    }

    pub(crate) fn code_form(&self, target: &str, subject: &str, pkce: &Pkce) -> Form {
        self.remember(&pkce.verifier);
        Form::new(&[
            ("response_type", "code"),
            ("target_client_id", target),
            ("redirect_uri", &callback(target)),
            ("scope", ALL),
            ("code_challenge", &pkce.challenge),
            ("code_challenge_method", "S256"),
            ("subject_token", subject),
            ("subject_token_type", ACCESS_TOKEN),
        ])
    }

    /// A code that `bank` asked for.
    pub(crate) async fn code(&self, target: &str, user: &str, pkce: &Pkce) -> String {
        let subject = self.sign_in("bank", user).await;
        let form = self.code_form(target, &subject, pkce);
        let answer = self.post("/challenge", "bank", &form).await;
        answer.ok().text("authorization_code").to_owned()
    }

    pub(crate) async fn redeem(&self, client: &str, code: &str, pkce: &Pkce) -> Answer {
        self.post("/token", client, &redeem_form(client, code, pkce)).await
    }

    /// The tokens of a new code.
    pub(crate) async fn tokens(&self, client: &str, user: &str) -> Answer {
        let pkce = Pkce::new();
        let code = self.code(client, user, &pkce).await;
        self.redeem(client, &code, &pkce).await.ok()
    }

    pub(crate) async fn refresh(&self, client: &str, token: &str) -> Answer {
        let form = Form::new(&[("grant_type", "refresh_token"), ("refresh_token", token)]);
        self.post("/token", client, &form).await
    }

    pub(crate) async fn metadata(&self) -> Value {
        let request = self.request(Method::GET, "/.well-known/oauth-authorization-server");
        self.send(request).await.ok().json
    }

    pub(crate) async fn userinfo(&self, token: &str) -> Answer {
        self.send(self.request(Method::GET, "/userinfo").bearer_auth(token)).await
    }
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

pub(crate) fn http_client() -> reqwest::Client {
    // Another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// For those who look at redirects themselves.
pub(crate) fn http_client_without_redirects() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    builder.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// As [`http_client_without_redirects`], connected from another address of this machine.
pub(crate) fn http_client_at(address: IpAddr) -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    let builder = builder.redirect(reqwest::redirect::Policy::none());
    builder.local_address(address).build().unwrap()
}
