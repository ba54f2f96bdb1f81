//! A host with the SDK in it, and a page of the mini-program.

use std::sync::Arc;
use std::time::Duration;

use minihost::{
    Account, AuditEvent, Build, CallContext, Capability, Choice, ConsentView, DocumentId, Frame,
    HostConfig, HostInfo, Issuer, Launch, Locale, Manifest, MiniHost, OptionalPorts, Ports,
    PromptId, Remember, ReplyToken, Scope, SessionId, SystemClock, Visibility,
    http::ReqwestTransport,
    issuer::{CodeIssuerConfig, code_issuer},
    ports::{AuditSink, ConsentPrompt, ContainerSink, UserSession},
    session::{Password, SignInConfig, TokenSession},
    store::{MemoryGrantStore, MemorySecretStore},
};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::failure::Failure;
use crate::host_client::Host;
use crate::session::OwnSession;
use crate::settings::{Settings, SignIn};

const DOCUMENT: DocumentId = DocumentId(1);
const ORIGIN: &str = "https://program.example";
/// Longer than the SDK lets any request take.
const TIME_TO_ANSWER: Duration = Duration::from_secs(120);

/// How the user answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Allow,
    Deny,
}

/// What a page heard.
pub(crate) enum Heard {
    Result(Value),
    /// The stable reason.
    Reason(String),
}

/// A host whose user is signed in, with one page open.
pub(crate) struct Stage {
    host: MiniHost,
    opened: SessionId,
    told: UnboundedReceiver<Told>,
    last_message: u64,
    /// How often the user was asked.
    pub(crate) prompts: u32,
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
        // Events come beside the answers.
        if let (Some(_), Ok(answer)) = (to, serde_json::from_str(&text)) {
            let _ = self.0.send(Told::Deliver(answer));
        }
    }

    fn settle(&self, _: SessionId, _: ReplyToken) {}
}

impl AuditSink for Screen {
    fn record(&self, _: AuditEvent) {}
}

impl Stage {
    /// Sets the host up, signs the user in and opens a program with this client id. `host` is what the
    /// host has at the code request; it signs in as the settings say.
    pub(crate) async fn set(
        settings: &Settings,
        host: Option<&Host>,
        client_id: &str,
    ) -> Result<Self, Failure> {
        let issuer = Issuer::new(settings.server.issuer.as_str());
        let (transport, clock) = (Arc::new(ReqwestTransport::new()), Arc::new(SystemClock::new()));
        let (session, own): (Arc<dyn UserSession>, _) = match &settings.sign_in {
            SignIn::Password { scopes } => {
                let client = settings.host.as_ref();
                let client = client.ok_or_else(|| Failure::new("a sign-in needs `[host]`"))?;
                let mut config = SignInConfig::new(issuer.clone(), client.authentication()?);
                config.scopes = scopes.iter().map(|scope| Scope::new(scope.as_str())).collect();
                let secrets = Arc::new(MemorySecretStore::default());
                let session = TokenSession::new(config, transport.clone(), secrets, clock.clone())?;
                (Arc::new(session.clone()), Some(session))
            }
            SignIn::Call(call) => {
                (Arc::new(OwnSession::begin(call, &settings.user.name).await?), None)
            }
            SignIn::Token(token) => (Arc::new(OwnSession::of(&settings.user.name, token)), None),
        };
        let config = CodeIssuerConfig {
            issuer: issuer.clone(),
            client: host.map(Host::authentication).transpose()?,
            profile: settings.profile.clone(),
        };
        let code_issuer = code_issuer(config, transport, session.clone(), clock.clone())?;
        let (screen, told) = unbounded_channel();
        let screen = Arc::new(Screen(screen));
        let info =
            HostInfo { name: "Interop".into(), version: "1.0.0".into(), platform: "test".into() };
        let mut config = HostConfig::new(issuer, info, Locale::new("en"));
        config.build = Build::Development;
        let host = MiniHost::start(
            config,
            Ports {
                prompt: screen.clone(),
                sink: screen.clone(),
                code_issuer,
                grants: Arc::new(MemoryGrantStore::default()),
                audit: screen,
                clock,
                optional: OptionalPorts::default(),
            },
        )
        .await?;
        match own {
            Some(session) => {
                let account = Account::new(host.clone(), session);
                let password = Password::new(settings.user.password.as_str());
                account.sign_in_with_password(&settings.user.name, password).await?;
            }
            None => host.user_changed(session.current_user()),
        }
        Self::open(host, told, settings, client_id)
    }

    fn open(
        host: MiniHost,
        told: UnboundedReceiver<Told>,
        settings: &Settings,
        client_id: &str,
    ) -> Result<Self, Failure> {
        let program = &settings.program;
        let scopes = program.scopes.iter().chain([&program.unregistered_scope]);
        let manifest = json!({
            "manifestVersion": 1,
            "id": "program",
            "version": "1.0.0",
            "name": {"en": "Program"},
            "publisher": {"id": "acme", "name": {"en": "Acme Ltd"}},
            "startUrl": format!("{ORIGIN}/"),
            "origins": [ORIGIN],
            "clientId": client_id,
            "redirectUris": [program.redirect_uri],
            "scopes": scopes.map(|name| json!({"name": name})).collect::<Vec<_>>(),
        });
        let manifest = Manifest::unsigned_for_development(manifest.to_string().as_bytes())?;
        let opened = host.open(manifest, Launch::default())?;
        host.document_started(opened, DOCUMENT);
        let mut stage = Self { host, opened, told, last_message: 0, prompts: 0 };
        stage.receive("host.initialize", &json!({"versions": {"min": 1, "max": 1}}));
        Ok(stage)
    }

    /// Sends a message from the page.
    fn receive(&mut self, method: &str, params: &Value) -> Option<String> {
        self.last_message += 1;
        let id = self.last_message;
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        let context = CallContext {
            document: DOCUMENT,
            reply_token: ReplyToken(id),
            origin: Some(ORIGIN.to_owned()),
            frame: Frame::Main,
            capability: Capability::NotHeld,
            visibility: Visibility::Visible,
            gesture_age: Some(Duration::ZERO),
        };
        self.host.receive(self.opened, context, &message.to_string())
    }

    /// Calls a method from the page; a prompt that comes is answered.
    pub(crate) async fn call(
        &mut self,
        method: &str,
        params: Value,
        answer: Answer,
    ) -> Result<Heard, Failure> {
        let reply = match self.receive(method, &params) {
            Some(text) => serde_json::from_str(&text)?,
            None => timeout(TIME_TO_ANSWER, self.reply(answer))
                .await
                .map_err(|_| Failure::new(format!("{method} was not answered")))??,
        };
        if let Some(result) = reply.get("result") {
            return Ok(Heard::Result(result.clone()));
        }
        let reason = reply["error"]["data"]["reason"].as_str();
        let reason =
            reason.ok_or_else(|| Failure::new(format!("{method} was answered {reply}")))?;
        Ok(Heard::Reason(reason.to_owned()))
    }

    async fn reply(&mut self, answer: Answer) -> Result<Value, Failure> {
        loop {
            match self.told.recv().await.ok_or_else(|| Failure::new("the host has ended"))? {
                Told::Deliver(reply) => return Ok(reply),
                Told::Present(view) => {
                    self.prompts += 1;
                    let scopes = view.shown.scopes.iter().map(|scope| scope.name.clone());
                    let choice = match answer {
                        Answer::Allow => Choice::Allow {
                            scopes: scopes.collect(),
                            remember: Remember::UntilRevoked,
                        },
                        Answer::Deny => Choice::Deny,
                    };
                    self.host.answer(view.prompt, &view.digest, choice)?;
                }
            }
        }
    }
}
