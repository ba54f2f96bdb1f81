//! A relay as a process, and servers behind it.

use std::process::Stdio;
use std::time::Duration;

use axum::extract::{Form, Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use minihost_authorization_server::{
    AuthorizationServer, ClientAuthentication, ClientId, ClientKind, ClientRegistration,
    ClientSecret, Config, GrantType, Password, RedirectUri, RefreshPolicy, Requirement, Scopes,
    UserRegistration,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

pub(crate) const HOST_SECRET: &str = "the host's secret, which is long enough";
const PROGRAM_SECRET: &str = "the program's secret, which is long enough";
pub(crate) const PASSWORD: &str = "correct horse battery";
const REDIRECT_URI: &str = "https://program.example/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// What an app would send.
pub(crate) fn request(jti: &str) -> Value {
    let now = jiff::Timestamp::now();
    json!({
        "clientId": "program",
        "redirectUri": REDIRECT_URI,
        "scopes": ["email", "openid"],
        "codeChallenge": CHALLENGE,
        "nonce": "n",
        "consent": {
            "jti": jti, "id": "d-1", "at": now.to_string(), "mode": "prompt",
            "scopes": ["email", "openid"], "locale": "en",
            "digest": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        },
    })
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let body = response.bytes().await.unwrap();
        Self { status, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
    }

    pub(crate) fn reason(&self) -> &str {
        self.body["reason"].as_str().unwrap_or_default()
    }
}

pub(crate) fn http() -> reqwest::Client {
    // Another test may have been faster.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

/// The project's own server with a host, a program and Alice.
pub(crate) struct Server {
    pub(crate) issuer: String,
    server: AuthorizationServer,
    _directory: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let config = Config::new(issuer.parse().unwrap(), directory.path().join("server.sqlite"));
        let server = AuthorizationServer::open(config).await.unwrap();
        let router = server.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let this = Self { issuer, server, _directory: directory };
        this.register().await;
        this
    }

    async fn register(&self) {
        let registry = self.server.registry();
        let secret = ClientAuthentication::Secret(ClientSecret::new(PROGRAM_SECRET).unwrap());
        let scopes = Scopes::parse("openid profile email").unwrap();
        let id = ClientId::new("program").unwrap();
        let mut program = ClientRegistration::new(id, ClientKind::MiniProgram, secret, scopes);
        program.redirect_uris = vec![RedirectUri::new(REDIRECT_URI).unwrap()];
        program.refresh = RefreshPolicy::Rotating { lifetime: Duration::from_secs(3600) };
        registry.put_client(program).await.unwrap();
        self.register_host(HOST_SECRET).await;
        let alice = UserRegistration {
            username: "alice".into(),
            password: Password::new(PASSWORD),
            preferred_username: "alice".into(),
            email: Some("alice@mail.example".into()),
            email_verified: true,
            phone_number: None,
        };
        registry.put_user(alice).await.unwrap();
    }

    async fn register_host(&self, secret: &str) {
        let kind = ClientKind::Host {
            may_mediate_for: vec![ClientId::new("program").unwrap()],
            consent_evidence: Requirement::Required,
        };
        let mut host = ClientRegistration::new(
            ClientId::new("host").unwrap(),
            kind,
            ClientAuthentication::Secret(ClientSecret::new(secret).unwrap()),
            Scopes::parse("openid profile email mediate").unwrap(),
        );
        host.grants.insert(GrantType::Password);
        self.server.registry().put_client(host).await.unwrap();
    }

    /// The relay's secret is wrong from now on.
    pub(crate) async fn forget_host_secret(&self) {
        self.register_host("another secret of the host, 2026").await;
    }

    pub(crate) async fn token_of_alice(&self) -> String {
        self.token("openid profile email mediate").await
    }

    pub(crate) async fn token(&self, scope: &str) -> String {
        let form = [
            ("grant_type", "password"),
            ("username", "alice"),
            ("password", PASSWORD),
            ("scope", scope),
        ];
        let answer = self.post("host", HOST_SECRET, &form).await;
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn redeem(&self, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        self.post("program", PROGRAM_SECRET, &form).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post("program", PROGRAM_SECRET, &form).await
    }

    async fn post(&self, id: &str, secret: &str, form: &[(&str, &str)]) -> Answer {
        let itself = [("client_id", id), ("client_secret", secret)];
        let form: Vec<_> = form.iter().copied().chain(itself).collect();
        Answer::of(http().post(format!("{}/token", self.issuer)).form(&form)).await
    }
}

/// A relay that runs; it is killed when it is dropped.
pub(crate) struct Relay {
    child: Child,
    pub(crate) address: String,
    directory: TempDir,
}

impl Relay {
    pub(crate) async fn start(server: &Server, more: &str) -> Self {
        Self::start_at(&server.issuer, "profile.challenge = {}\n", more).await
    }

    pub(crate) async fn start_at(issuer: &str, profile: &str, more: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let inline = profile.starts_with("profile.");
        let (before, after) = if inline { (profile, "") } else { ("", profile) };
        let config = format!(
            "listen = '127.0.0.1:0'\ndatabase = 'grants.sqlite'\nissuer = '{issuer}'\n\
             client = {{ id = 'host', secret_file = 'secret' }}\n{before}{more}\n\
             [[programs]]\nclient_id = 'program'\nredirect_uris = ['{REDIRECT_URI}']\n\
             scopes = ['openid', 'email']\n\
             [[programs]]\nclient_id = 'elsewhere'\nredirect_uris = []\nscopes = []\n{after}"
        );
        std::fs::write(directory.path().join("relay.toml"), config).unwrap();
        std::fs::write(directory.path().join("secret"), HOST_SECRET).unwrap();
        Self::run(directory).await
    }

    async fn run(directory: TempDir) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_minihost-relay"))
            .arg("--config")
            .arg(directory.path().join("relay.toml"))
            .env("RUST_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(directory.path().join("log")).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().expect("it says where it listens");
        let told: Value = serde_json::from_str(&line).unwrap();
        Self { child, address: told["address"].as_str().unwrap().to_owned(), directory }
    }

    pub(crate) async fn kill_and_start_again(mut self) -> Self {
        self.child.kill().await.unwrap();
        Self::run(self.directory).await
    }

    /// Kills it and returns what it has logged.
    pub(crate) async fn end(mut self) -> String {
        self.child.kill().await.unwrap();
        std::fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    pub(crate) async fn post(&self, token: &str, key: &str, body: &Value) -> Answer {
        let mut request = http().post(format!("{}/v1/codes", self.address)).json(body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        Answer::of(request).await
    }

    pub(crate) async fn delete(&self, token: &str, program: &str) -> Answer {
        let url = format!("{}/v1/grants/{program}", self.address);
        Answer::of(http().delete(url).bearer_auth(token)).await
    }
}

/// A server whose administrators can be anybody: the host's own token opens the session of any user.
pub(crate) struct Impersonating {
    pub(crate) issuer: String,
}

/// What tells a relay of such a server.
pub(crate) const IMPERSONATION: &str = r#"
    [profile.authorize.parameters.add]
    prompt = "none"
    [[profile.authorize.user.session]]
    method = "POST"
    path = "/token"
    as = "host"
    form = { grant_type = "client_credentials" }
    capture = { admin = "/access_token" }
    [[profile.authorize.user.session]]
    method = "POST"
    path = "/users/{user_id}/impersonation"
    as = { captured = "admin" }
    json = {}
"#;

pub(crate) async fn impersonating() -> Impersonating {
    impersonating_for(None).await
}

/// The same for users who are signed in at another server, which knows their tokens.
pub(crate) async fn impersonating_users_of(server: &Server) -> Impersonating {
    impersonating_for(Some(format!("{}/introspect", server.issuer))).await
}

async fn impersonating_for(introspection: Option<String>) -> Impersonating {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let introspection = introspection.unwrap_or(format!("{issuer}/introspect"));
    let metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "introspection_endpoint": introspection,
    });
    let router = Router::new()
        .route("/.well-known/oauth-authorization-server", get(async || Json(metadata)))
        .route("/introspect", post(introspect))
        .route("/token", post(token))
        .route("/users/{user}/impersonation", post(impersonate))
        .route("/authorize", get(authorize));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Impersonating { issuer }
}

async fn introspect(Form(form): Form<HashMap<String, String>>) -> Json<Value> {
    match form["token"].strip_prefix("token-of-") {
        Some(user) if user != "nobody" => {
            Json(json!({"active": true, "sub": user, "client_id": "host"}))
        }
        _ => Json(json!({"active": false})),
    }
}

async fn token(headers: HeaderMap, Form(form): Form<HashMap<String, String>>) -> Response {
    let basic = headers["authorization"].to_str().unwrap_or_default().starts_with("Basic ");
    if !basic || form["grant_type"] != "client_credentials" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(json!({"access_token": "of-the-administrator"})).into_response()
}

async fn impersonate(Path(user): Path<String>, headers: HeaderMap) -> Response {
    if headers["authorization"] != "Bearer of-the-administrator" {
        return StatusCode::FORBIDDEN.into_response();
    }
    let cookie = format!("IDENTITY={user}; Path=/; HttpOnly; Secure");
    ([("set-cookie", cookie)], Json(json!({"redirect": "/account"}))).into_response()
}

async fn authorize(headers: HeaderMap, Query(query): Query<HashMap<String, String>>) -> Response {
    let cookie = headers.get("cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let answer = match cookie.strip_prefix("IDENTITY=") {
        Some(user) if query["prompt"] == "none" => format!("code=code-for-{user}"),
        _ => "error=login_required".to_owned(),
    };
    let to = format!("{}?{answer}&state={}", query["redirect_uri"], query["state"]);
    (StatusCode::FOUND, [("location", to)]).into_response()
}
