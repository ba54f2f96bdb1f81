//! What a host keeps between its runs: a sign-in at the real authorization server, and a grant.

use std::{path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;
use minihost::{
    ClientId, Grant, Issuer, Locale, MiniProgramId, Scope, SystemClock, User, UserId, ViewDigest,
    http::ReqwestTransport,
    issuer::{ClientAuthentication, ClientSecret},
    ports::SecretStore,
    session::{Password, SignInConfig, TokenSession},
};
use minihost_authorization_server as server;
use minihost_core::{DecisionId, GrantKey, GrantParty, PublisherKey, Remembered};
use tokio::net::TcpListener;

const HOST_SECRET: &str = "the host's secret, which is long enough";
const PASSWORD: &str = "correct horse battery";

/// An authorization server with one host and one user.
pub(crate) struct Server {
    issuer: Issuer,
    _running: server::AuthorizationServer,
}

impl Server {
    pub(crate) async fn start(directory: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let running = server::AuthorizationServer::open(server::Config::new(
            issuer.parse().unwrap(),
            directory.join("server.sqlite"),
        ))
        .await
        .unwrap();
        register(&running).await;
        let router = running.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer: Issuer::new(issuer), _running: running }
    }

    /// A session as a process that starts has it.
    pub(crate) fn session(&self, secrets: Arc<dyn SecretStore>) -> TokenSession {
        let client = ClientAuthentication::ClientSecretBasic {
            client_id: ClientId::new("host"),
            client_secret: ClientSecret::new(HOST_SECRET),
        };
        let config = SignInConfig::new(self.issuer.clone(), client);
        let clock = Arc::new(SystemClock::new());
        TokenSession::new(config, Arc::new(ReqwestTransport::new()), secrets, clock).unwrap()
    }

    pub(crate) async fn sign_in(&self, session: &TokenSession) -> User {
        session.sign_in_with_password("alice", Password::new(PASSWORD)).await.unwrap()
    }
}

async fn register(running: &server::AuthorizationServer) {
    let secret = server::ClientSecret::new(HOST_SECRET).unwrap();
    let mut host = server::ClientRegistration::new(
        server::ClientId::new("host").unwrap(),
        server::ClientKind::Host {
            may_mediate_for: Vec::new(),
            consent_evidence: server::Requirement::Required,
        },
        server::ClientAuthentication::Secret(secret),
        server::Scopes::parse("openid profile email phone mediate").unwrap(),
    );
    host.grants.insert(server::GrantType::Password);
    host.access_token_lifetime = Duration::from_secs(600);
    host.refresh = server::RefreshPolicy::Rotating { lifetime: Duration::from_secs(3600) };
    host.id_token_algorithm = server::SigningAlgorithm::EdDsa;
    running.registry().put_client(host).await.unwrap();
    let alice = server::UserRegistration {
        username: "alice".into(),
        password: server::Password::new(PASSWORD),
        preferred_username: "alice".into(),
        email: None,
        email_verified: false,
        phone_number: None,
    };
    running.registry().put_user(alice).await.unwrap();
}

pub(crate) fn grant() -> Remembered {
    let party = GrantParty {
        issuer: Issuer::new("https://as.example"),
        user: UserId::new("alice"),
        mini_program: MiniProgramId::new("teahouse"),
        publisher_key: PublisherKey::new("key"),
        client_id: ClientId::new("teahouse"),
        audience: None,
    };
    let grant = Grant {
        key: GrantKey { party, scope: Scope::new("email") },
        granted_at: Timestamp::UNIX_EPOCH,
        expires_at: None,
        decision: DecisionId::new("1"),
        locale: Locale::new("en"),
        digest: Some(ViewDigest::new("digest")),
        manifest_version: "1.0.0".to_owned(),
        manifest_hash: "hash".to_owned(),
        grant_id: None,
        earlier_grant_ids: Vec::new(),
        ended: None,
    };
    Remembered { grants: vec![grant], ..Remembered::default() }
}
