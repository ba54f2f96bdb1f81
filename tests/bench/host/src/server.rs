//! Servers on the loopback interface, each on a thread of its own.

use std::{future::Future, io, time::Duration};

use axum::{Json, Router, routing::get, routing::post};
use minihost_authorization_server::{
    AuthorizationServer, ClientAuthentication, ClientId, ClientKind, ClientRegistration,
    ClientSecret, Config, GrantType, Password, RedirectUri, Requirement, Scopes, UserRegistration,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const SECRET: &str = "the host's secret, which is long enough";
pub(crate) const USER: &str = "alice";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A server that runs until the process ends.
pub(crate) struct Server {
    /// Its issuer identifier.
    pub(crate) issuer: String,
    /// Where code requests go.
    pub(crate) challenge: String,
    /// Holds its database.
    _directory: Option<TempDir>,
}

impl Server {
    /// The project's own authorization server, which writes every code down before it gives it.
    pub(crate) async fn real() -> Result<Self, String> {
        let directory = tempfile::tempdir().map_err(text)?;
        let (listener, issuer) = listen().await.map_err(text)?;
        let database = directory.path().join("server.sqlite");
        let config = Config::new(issuer.parse().map_err(text)?, database);
        let server = AuthorizationServer::open(config).await.map_err(text)?;
        register(&server).await?;
        let router = server.router();
        on_a_thread(async move { axum::serve(from_std(listener), router).await }).map_err(text)?;
        let challenge = format!("{issuer}/challenge");
        Ok(Self { issuer, challenge, _directory: Some(directory) })
    }

    /// A server that answers at once, so that what is measured is the way there and back.
    pub(crate) async fn instant() -> Result<Self, String> {
        let (listener, issuer) = listen().await.map_err(text)?;
        let router = instant_router(&issuer);
        on_a_thread(async move { axum::serve(from_std(listener), router).await }).map_err(text)?;
        let challenge = format!("{issuer}/challenge");
        Ok(Self { issuer, challenge, _directory: None })
    }
}

async fn listen() -> io::Result<(std::net::TcpListener, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let issuer = format!("http://{}", listener.local_addr()?);
    Ok((listener.into_std()?, issuer))
}

fn from_std(listener: std::net::TcpListener) -> TcpListener {
    TcpListener::from_std(listener).expect("the listener does not block")
}

fn on_a_thread(serve: impl Future<Output = io::Result<()>> + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name("server".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a thread can wait for sockets").block_on(serve)
    })?;
    Ok(())
}

async fn register(server: &AuthorizationServer) -> Result<(), String> {
    let registry = server.registry();
    let secret = |secret: &str| {
        Ok::<_, String>(ClientAuthentication::Secret(ClientSecret::new(secret).map_err(text)?))
    };
    let id = |id: &str| ClientId::new(id).map_err(text);
    let scopes = |scopes: &str| Scopes::parse(scopes).map_err(text);
    let mut program = ClientRegistration::new(
        id("teahouse")?,
        ClientKind::MiniProgram,
        secret("the program's secret, which is long enough")?,
        scopes("openid email")?,
    );
    program.redirect_uris =
        vec![RedirectUri::new("https://teahouse.example/callback").map_err(text)?];
    registry.put_client(program).await.map_err(text)?;
    let kind = ClientKind::Host {
        may_mediate_for: vec![id("teahouse")?],
        consent_evidence: Requirement::Optional,
    };
    let mut host = ClientRegistration::new(
        id("host")?,
        kind,
        secret(SECRET)?,
        scopes("openid profile email phone mediate")?,
    );
    host.grants.insert(GrantType::Password);
    // No refresh comes between two requests.
    host.access_token_lifetime = Duration::from_secs(86_400);
    registry.put_client(host).await.map_err(text)?;
    let user = UserRegistration {
        username: USER.into(),
        password: Password::new(PASSWORD),
        preferred_username: USER.into(),
        email: Some("alice@mail.example".into()),
        email_verified: true,
        phone_number: None,
    };
    registry.put_user(user).await.map_err(text)?;
    Ok(())
}

fn instant_router(issuer: &str) -> Router {
    let metadata = json!({
        "issuer": issuer, "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "authorization_challenge_endpoint": format!("{issuer}/challenge"),
        "host_mediation_supported": true,
    });
    let tokens = json!({"access_token": "a", "token_type": "Bearer", "expires_in": 86400});
    let user = json!({"sub": "u-alice", "preferred_username": USER});
    Router::new()
        .route("/.well-known/oauth-authorization-server", get(async || Json(metadata)))
        .route("/token", post(async || Json(tokens)))
        .route("/userinfo", get(async || Json(user)))
        .route("/challenge", post(challenge))
}

async fn challenge(_: String) -> Json<serde_json::Value> {
    Json(json!({
        "authorization_code": "SplxlOBeZQQYbYS6WxSbIA0123456789012345678901",
        "client_id": "teahouse", "expires_in": 60, "scope": "openid email", "grant_id": "g-1",
    }))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
