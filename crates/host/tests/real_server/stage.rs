//! A host, its user, and the authorization server that comes with the project, over loopback.

use std::{collections::BTreeSet, io, path::Path, sync::Arc, time::Duration};

use minihost::{
    Account, AuditEvent, Build, Choice, ConsentView, DocumentId, HostConfig, HostInfo, Issuer,
    Launch, Locale, MiniHost, OptionalPorts, Ports, PromptId, Remember, ReplyToken, Scope,
    SessionId, User,
    http::ReqwestTransport,
    issuer::{ChallengeConfig, ChallengeIssuer},
    ports::{AuditSink, ConsentPrompt, ContainerSink},
    session::{Password, SignInConfig, SignInError, TokenBinding, TokenSession},
    store::{FileGrantStore, MemorySecretStore},
};
use minihost_authorization_server as server;
use minihost_testkit::{call, initialize, manifest, request_code};
use serde_json::Value;
use server::AuthorizationServer;
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use crate::{
    credentials::{Credentials, server_secret},
    steered_clock::SteeredClock,
};

pub(crate) const PROGRAM_SECRET: &str = "the program's secret, which is long enough";
pub(crate) const PASSWORD: &str = "correct horse battery";
/// What the program's tokens may be for besides the server.
pub(crate) const API: &str = "https://api.example";
const DOCUMENT: DocumentId = DocumentId(1);

pub(crate) struct Stage {
    pub(crate) server: AuthorizationServer,
    pub(crate) issuer: Issuer,
    pub(crate) session: TokenSession,
    pub(crate) account: Account,
    pub(crate) secrets: Arc<MemorySecretStore>,
    pub(crate) host: MiniHost,
    clock: Arc<SteeredClock>,
    opened: SessionId,
    told: UnboundedReceiver<Told>,
    last_message: u64,
}

enum Told {
    Present(Box<ConsentView>),
    Deliver(Value),
}

struct Screen(UnboundedSender<Told>);

impl ConsentPrompt for Screen {
    fn present(&self, view: ConsentView) {
        let _ = self.0.send(Told::Present(Box::new(view)));
    }

    fn dismiss(&self, _: PromptId) {}
}

impl ContainerSink for Screen {
    fn deliver(&self, _: SessionId, _: DocumentId, to: Option<ReplyToken>, text: String) {
        // Events are told beside the answers.
        if to.is_some() {
            let _ = self.0.send(Told::Deliver(serde_json::from_str(&text).unwrap()));
        }
    }

    fn settle(&self, _: SessionId, _: ReplyToken) {}
}

impl AuditSink for Screen {
    fn record(&self, event: AuditEvent) {
        tracing::info!(?event, "audit");
    }
}

/// Alice is registered; the program `teahouse` may be mediated for, and is open.
pub(crate) async fn stage(directory: &Path, sign_in: Credentials, issue: Credentials) -> Stage {
    stage_with(directory, sign_in, issue, TokenBinding::None).await
}

/// The same, where the host's tokens may be bound to a key.
pub(crate) async fn stage_with(
    directory: &Path,
    sign_in: Credentials,
    issue: Credentials,
    binding: TokenBinding,
) -> Stage {
    let (server, issuer) = serve(directory).await;
    register(&server, sign_in.registered()).await;
    let transport = Arc::new(ReqwestTransport::new());
    let clock = Arc::new(SteeredClock::default());
    let secrets = Arc::new(MemorySecretStore::default());
    let mut config = SignInConfig::new(issuer.clone(), sign_in.client());
    config.binding = binding;
    let session =
        TokenSession::new(config, transport.clone(), secrets.clone(), clock.clone()).unwrap();
    let config = ChallengeConfig { issuer: issuer.clone(), client: issue.client() };
    let user_session = Arc::new(session.clone());
    let code_issuer = ChallengeIssuer::new(config, transport, user_session, clock.clone());
    let (screen, told) = unbounded_channel();
    let screen = Arc::new(Screen(screen));
    let info = HostInfo { name: "H".into(), version: "1.0.0".into(), platform: "test".into() };
    let mut config = HostConfig::new(issuer.clone(), info, Locale::new("en"));
    config.build = Build::Development;
    let host = MiniHost::start(
        config,
        Ports {
            prompt: screen.clone(),
            sink: screen.clone(),
            code_issuer: Arc::new(code_issuer.unwrap()),
            grants: Arc::new(FileGrantStore::new(directory.join("grants"), secrets.clone())),
            audit: screen,
            clock: clock.clone(),
            optional: OptionalPorts::default(),
        },
    )
    .await
    .unwrap();
    let account = Account::new(host.clone(), session.clone());
    tokio::spawn(account.follow());
    let opened = open(&host, "teahouse");
    Stage { server, issuer, session, account, secrets, host, clock, opened, told, last_message: 0 }
}

fn open(host: &MiniHost, program: &str) -> SessionId {
    let opened = host.open(manifest(program), Launch::default()).unwrap();
    host.document_started(opened, DOCUMENT);
    let context = call(program, DOCUMENT, ReplyToken(0));
    host.receive(opened, context, &initialize(0).to_string()).unwrap();
    opened
}

async fn serve(directory: &Path) -> (AuthorizationServer, Issuer) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let server = AuthorizationServer::open(server::Config::new(
        issuer.parse().unwrap(),
        directory.join("server.sqlite"),
    ))
    .await
    .unwrap();
    let router = server.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (server, Issuer::new(issuer))
}

async fn register(server: &AuthorizationServer, of_host: server::ClientAuthentication) {
    let id = |id: &str| server::ClientId::new(id).unwrap();
    let registry = server.registry();
    let mut host = server::ClientRegistration::new(
        id("host"),
        server::ClientKind::Host {
            may_mediate_for: vec![id("teahouse")],
            consent_evidence: server::Requirement::Required,
        },
        of_host,
        server::Scopes::parse("openid profile email phone mediate").unwrap(),
    );
    host.grants.insert(server::GrantType::Password);
    host.access_token_lifetime = Duration::from_secs(600);
    host.refresh = server::RefreshPolicy::Rotating { lifetime: Duration::from_secs(3600) };
    host.id_token_algorithm = server::SigningAlgorithm::EdDsa;
    registry.put_client(host).await.unwrap();
    let redirect_uri = server::RedirectUri::new("https://teahouse.example/callback").unwrap();
    let mut program = server::ClientRegistration::new(
        id("teahouse"),
        server::ClientKind::MiniProgram,
        server_secret(PROGRAM_SECRET),
        server::Scopes::parse("openid profile email").unwrap(),
    );
    program.redirect_uris = vec![redirect_uri];
    program.access_token_lifetime = Duration::from_secs(60);
    program.refresh = server::RefreshPolicy::None;
    program.grants.insert(server::GrantType::DeviceCode);
    program.resources = vec![server::Resource::new(API).unwrap()];
    program.id_token_algorithm = server::SigningAlgorithm::EdDsa;
    registry.put_client(program).await.unwrap();
    let alice = server::UserRegistration {
        username: "alice".into(),
        password: server::Password::new(PASSWORD),
        preferred_username: "alice".into(),
        email: Some("alice@example.com".into()),
        email_verified: true,
        phone_number: None,
    };
    registry.put_user(alice).await.unwrap();
}

impl Stage {
    pub(crate) async fn sign_in(&self) -> Result<User, SignInError> {
        self.account.sign_in_with_password("alice", Password::new(PASSWORD)).await
    }

    /// Time passes, for the host and for the server.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.server.steering().advance_clock(time);
    }

    /// The program `teahouse` asks for a code; a prompt, if one comes, is answered with yes. The
    /// answer is the `result` or the error's `data`, and whether there was a prompt.
    pub(crate) async fn request_code(&mut self, scopes: &[&str]) -> (Value, Prompted) {
        self.last_message += 1;
        let message = request_code(self.last_message, scopes).to_string();
        let context = call("teahouse", DOCUMENT, ReplyToken(self.last_message));
        let at_once = self.host.receive(self.opened, context, &message);
        let mut prompted = Prompted::No;
        let answer = match at_once {
            Some(text) => serde_json::from_str(&text).unwrap(),
            None => loop {
                match self.told.recv().await.unwrap() {
                    Told::Deliver(answer) => break answer,
                    Told::Present(view) => {
                        prompted = Prompted::Yes;
                        self.allow(&view);
                    }
                }
            },
        };
        let Value::Object(mut answer) = answer else { panic!("an answer is an object") };
        let result = answer.remove("result");
        let content = result.or_else(|| Some(answer.remove("error")?["data"].take()));
        (content.unwrap(), prompted)
    }

    fn allow(&self, view: &ConsentView) {
        let scopes: BTreeSet<Scope> =
            view.shown.scopes.iter().map(|scope| scope.name.clone()).collect();
        let choice = Choice::Allow { scopes, remember: Remember::UntilRevoked };
        self.host.answer(view.prompt, &view.digest, choice).unwrap();
    }
}

/// Whether the user was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompted {
    Yes,
    No,
}

/// Every byte of every file below the directory.
pub(crate) fn bytes_below(directory: &Path) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        all.extend(std::fs::read(entry?.path())?);
    }
    Ok(all)
}
