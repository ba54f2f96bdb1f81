//! A host whose user has let a program in for good.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use minihost::{
    Account, AuditEvent, Build, CallContext, Capability, Choice, ClientId, Clock, ConsentView,
    DocumentId, Frame, HostConfig, HostInfo, Issuer, Launch, Locale, Manifest, MiniHost, Moment,
    OptionalPorts, Ports, PromptId, Remember, ReplyToken, SessionId, SystemClock, Visibility,
    http::ReqwestTransport,
    issuer::{ChallengeConfig, ChallengeIssuer, ClientAuthentication, ClientSecret},
    ports::{AuditSink, ConsentPrompt, ContainerSink},
    session::{Password, SignInConfig, TokenSession},
    store::{MemoryGrantStore, MemorySecretStore},
};
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::server::{PASSWORD, SECRET, USER};

const ORIGIN: &str = "https://teahouse.example";
const DOCUMENT: DocumentId = DocumentId(1);
/// How far apart messages are by the host's clock: as much as one program may send.
const STEP: u64 = 50;

/// The system's, which runs ahead a step for every message.
struct FastClock {
    system: SystemClock,
    messages: AtomicU64,
}

impl Clock for FastClock {
    fn now(&self) -> Moment {
        let now = self.system.now();
        let ahead = Duration::from_millis(STEP * self.messages.load(Ordering::Relaxed));
        Moment { uptime: now.uptime + ahead, ..now }
    }
}

struct Screen {
    prompts: UnboundedSender<ConsentView>,
    answers: UnboundedSender<Answer>,
}

/// An answer, and when the container was given it.
struct Answer {
    text: String,
    at: Instant,
}

impl ConsentPrompt for Screen {
    fn present(&self, view: ConsentView) {
        let _ = self.prompts.send(view);
    }

    fn dismiss(&self, _: PromptId) {}
}

impl ContainerSink for Screen {
    fn deliver(&self, _: SessionId, _: DocumentId, to: Option<ReplyToken>, text: String) {
        if to.is_some() {
            let _ = self.answers.send(Answer { text, at: Instant::now() });
        }
    }

    fn settle(&self, _: SessionId, _: ReplyToken) {}
}

impl AuditSink for Screen {
    fn record(&self, _: AuditEvent) {}
}

/// The host, with a document that may ask.
pub(crate) struct Host {
    host: MiniHost,
    session: SessionId,
    clock: Arc<FastClock>,
    answers: UnboundedReceiver<Answer>,
    last: u64,
}

/// A host that has just started, and the document's first answer; no request has been made.
pub(crate) struct Started {
    host: MiniHost,
    session: SessionId,
    account: Account,
    clock: Arc<FastClock>,
    prompts: UnboundedReceiver<ConsentView>,
    answers: UnboundedReceiver<Answer>,
    pub(crate) first_answer: String,
}

/// Starts a host, opens a program in it, and lets its page say hello.
pub(crate) async fn begin(issuer: &str) -> Started {
    let issuer = Issuer::new(issuer);
    let client = ClientAuthentication::ClientSecretBasic {
        client_id: ClientId::new("host"),
        client_secret: ClientSecret::new(SECRET),
    };
    let clock = Arc::new(FastClock { system: SystemClock::new(), messages: AtomicU64::new(0) });
    let transport = Arc::new(ReqwestTransport::new());
    let secrets = Arc::new(MemorySecretStore::default());
    let config = SignInConfig::new(issuer.clone(), client.clone());
    let session = TokenSession::new(config, transport.clone(), secrets, clock.clone());
    let session = session.expect("the issuer is on the loopback interface");
    let challenge = ChallengeConfig { issuer: issuer.clone(), client };
    let user_session = Arc::new(session.clone());
    let code_issuer = ChallengeIssuer::new(challenge, transport, user_session, clock.clone());
    let (prompt_sender, prompts) = unbounded_channel();
    let (answer_sender, answers) = unbounded_channel();
    let screen = Arc::new(Screen { prompts: prompt_sender, answers: answer_sender });
    let info = HostInfo { name: "Bench".into(), version: "1.0.0".into(), platform: "bench".into() };
    let ports = Ports {
        prompt: screen.clone(),
        sink: screen.clone(),
        code_issuer: Arc::new(code_issuer.expect("the issuer is on the loopback interface")),
        grants: Arc::new(MemoryGrantStore::default()),
        audit: screen,
        clock: clock.clone(),
        optional: OptionalPorts::default(),
    };
    let mut config = HostConfig::new(issuer, info, Locale::new("en"));
    config.build = Build::Development;
    let host = MiniHost::start(config, ports).await.expect("there are threads");
    let account = Account::new(host.clone(), session);
    let session = host.open(manifest(), Launch::default()).expect("the host runs");
    host.document_started(session, DOCUMENT);
    let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "host.initialize",
        "params": {"versions": {"min": 1, "max": 1}}});
    let first_answer = host.receive(session, context(0), &hello.to_string());
    let first_answer = first_answer.expect("what needs nobody is answered at once");
    Started { host, session, account, clock, prompts, answers, first_answer }
}

impl Host {
    pub(crate) async fn start(issuer: &str) -> Self {
        let Started { host, session, account, clock, mut prompts, answers, .. } =
            begin(issuer).await;
        let password = Password::new(PASSWORD);
        account.sign_in_with_password(USER, password).await.expect("everybody may sign in");
        let mut this = Self { host, session, clock, answers, last: 0 };
        this.ask();
        let view = prompts.recv().await.expect("the user is asked");
        let scopes = view.shown.scopes.iter().map(|scope| scope.name.clone()).collect();
        let choice = Choice::Allow { scopes, remember: Remember::UntilRevoked };
        this.host.answer(view.prompt, &view.digest, choice).expect("the prompt is open");
        this.answered().await;
        this
    }

    /// The page asks, and its container is given the code: how long the host takes for that.
    pub(crate) async fn request(&mut self) -> Duration {
        let asked = self.ask();
        self.answered().await.duration_since(asked)
    }

    /// Says when the container has passed the page's message on.
    fn ask(&mut self) -> Instant {
        self.last += 1;
        self.clock.messages.fetch_add(1, Ordering::Relaxed);
        let text = json!({"jsonrpc": "2.0", "id": self.last, "method": "auth.requestCode",
        "params": {
            "scopes": ["openid", "email"], "codeChallengeMethod": "S256", "state": "s",
            "codeChallenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        }});
        let (text, context) = (text.to_string(), context(self.last));
        let asked = Instant::now();
        let at_once = self.host.receive(self.session, context, &text);
        assert_eq!(at_once, None, "a code is not there at once");
        asked
    }

    async fn answered(&mut self) -> Instant {
        let Answer { text, at } = self.answers.recv().await.expect("the host answers");
        assert!(text.contains(r#""code":""#), "{text}");
        at
    }
}

fn context(token: u64) -> CallContext {
    CallContext {
        document: DOCUMENT,
        reply_token: ReplyToken(token),
        origin: Some(ORIGIN.to_owned()),
        frame: Frame::Main,
        capability: Capability::NotHeld,
        visibility: Visibility::Visible,
        gesture_age: Some(Duration::ZERO),
    }
}

fn manifest() -> Manifest {
    let json = json!({
        "manifestVersion": 1, "id": "teahouse", "version": "1.0.0", "name": {"en": "Tea House"},
        "publisher": {"id": "acme", "name": {"en": "Acme Ltd"}},
        "startUrl": format!("{ORIGIN}/"), "origins": [ORIGIN], "clientId": "teahouse",
        "redirectUris": [format!("{ORIGIN}/callback")],
        "scopes": [{"name": "openid"}, {"name": "email", "reason": {"en": "For the receipt."}}],
    });
    let read = Manifest::unsigned_for_development(json.to_string().as_bytes());
    read.expect("the manifest is acceptable")
}
