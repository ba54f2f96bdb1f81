//! The servers that run in child processes of this program.

use std::future::pending;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use minihost_authorization_server::{
    AuthorizationServer, ClientAuthentication, ClientId, ClientKind, ClientRegistration,
    ClientSecret, Config, GrantType, Listener, Password, RedirectUri, RefreshPolicy, Requirement,
    Scopes, ServeOptions, SigningAlgorithm, UserRegistration,
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::failure::Outcome;
use crate::setting::{Credentials, Setting};

/// What a server says on its first line.
#[derive(Serialize, Deserialize)]
pub(crate) struct Ready {
    pub(crate) port: u16,
}

/// Serves the authorization server on a database until standard input ends.
pub(crate) async fn authorization_server(database: &Path, setting: &Setting) -> Outcome<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let issuer = format!("http://{}", listener.local_addr()?).parse()?;
    let server = AuthorizationServer::open(Config::new(issuer, database)).await?;
    register(&server, setting).await?;
    say_ready(&listener)?;
    let listener = Listener::on_loopback(listener)?;
    server.serve(listener, ServeOptions::default(), pending()).await;
    Ok(())
}

/// Answers every request with two bytes until standard input ends.
pub(crate) async fn bare() -> Outcome<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let router = Router::new().route("/", get(async || "ok"));
    say_ready(&listener)?;
    axum::serve(listener, router).await?;
    Ok(())
}

fn say_ready(listener: &TcpListener) -> Outcome<()> {
    let ready = Ready { port: listener.local_addr()?.port() };
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&ready)?)?;
    std::thread::spawn(|| {
        // An end, however it comes, means that the program that started this one has gone.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    Ok(())
}

async fn register(server: &AuthorizationServer, setting: &Setting) -> Outcome<()> {
    let scopes = "openid profile email phone";
    let hour = Duration::from_secs(3600);
    let secret = |client: &Credentials| -> Outcome<_> {
        Ok(ClientAuthentication::Secret(ClientSecret::new(client.secret.as_str())?))
    };
    let mut host = ClientRegistration::new(
        ClientId::new(setting.host.id.as_str())?,
        ClientKind::Host {
            may_mediate_for: vec![ClientId::new(setting.program.id.as_str())?],
            consent_evidence: Requirement::Optional,
        },
        secret(&setting.host)?,
        Scopes::parse(&format!("{scopes} mediate"))?,
    );
    host.grants.insert(GrantType::Password);
    host.refresh = RefreshPolicy::None;
    let mut program = ClientRegistration::new(
        ClientId::new(setting.program.id.as_str())?,
        ClientKind::MiniProgram,
        secret(&setting.program)?,
        Scopes::parse(scopes)?,
    );
    program.redirect_uris = vec![RedirectUri::new(setting.redirect_uri.as_str())?];
    program.refresh = RefreshPolicy::Rotating { lifetime: hour };
    for mut client in [host, program] {
        client.access_token_lifetime = hour;
        client.id_token_algorithm = SigningAlgorithm::Es256;
        server.registry().put_client(client).await?;
    }
    for user in &setting.users {
        let registration = UserRegistration {
            username: user.clone(),
            password: Password::new(setting.password.as_str()),
            preferred_username: user.clone(),
            email: Some(format!("{user}@example.com")),
            email_verified: true,
            phone_number: Some("+1 555 0100".to_owned()),
        };
        server.registry().put_user(registration).await?;
    }
    Ok(())
}
