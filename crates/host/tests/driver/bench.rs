//! A host whose every port is under the test's control.

use std::{
    future::pending,
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use minihost::{
    AnswerError, AuditEvent, AuthorizationCode, Choice, ClientId, CodeRequest, ConsentView,
    DocumentId, GrantId, HostCall, HostConfig, HostInfo, HostMethodDeclaration, HostMethodFailure,
    HostMethodName, IssuedCode, Issuer, Launch, Locale, MiniHost, OptionalPorts, Outcome, Ports,
    Programs, PromptId, Prompting, Remember, RememberChoices, Remembered, ReplyToken, SessionId,
    SignInHow, SignInOutcome, SignInRequest, StartError, SystemClock,
    ports::{
        AuditSink, Browser, BrowserOutcome, CodeIssuer, ConsentPrompt, ContainerSink, GrantEnding,
        GrantStore, GrantStoreError, HostMethod, IssueError, SettingsPage, SettingsRequest,
        SignInPrompt,
    },
};
use minihost_testkit::{alice, call, initialize, manifest, request_code};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;

pub(crate) const DOCUMENT: DocumentId = DocumentId(1);

/// What the host's ports were asked to do.
#[derive(Debug)]
pub(crate) enum Asked {
    Present(Box<ConsentView>),
    Dismiss(PromptId),
    Deliver(Option<ReplyToken>, Value),
    Tell(Value),
    Settle(ReplyToken),
    Settings(SettingsRequest),
    SignIn(SignInHow),
    Visit(String),
    Call(Value),
    EndGrant,
    Audit(Outcome),
    Save(usize),
    Issue,
    GiveUp,
}

/// Says so when it is dropped.
struct GivenUp(UnboundedSender<Asked>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        let _ = self.0.send(Asked::GiveUp);
    }
}

/// How the host's own parts behave.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Issues {
    #[default]
    Code,
    CodeAfterVisit,
    Nothing,
    Panic,
}

/// How the host's own method and the server's grant management behave.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Behaves {
    #[default]
    Well,
    Never,
    Panics,
}

/// What happens to grants that are to be saved.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Saves {
    #[default]
    Succeed,
    Fail,
    Panic,
}

pub(crate) struct Fake {
    asked: UnboundedSender<Asked>,
    pub(crate) issues: Issues,
    pub(crate) saves: Saves,
    pub(crate) own_method: Behaves,
    visited: AtomicBool,
    pub(crate) remember: RememberChoices,
    pub(crate) grant_management: Behaves,
    /// How long the user and the network may take.
    pub(crate) patience: Duration,
    pub(crate) panics_in_present: AtomicBool,
    pub(crate) reenter: OnceLock<MiniHost>,
}

impl Fake {
    fn new(asked: UnboundedSender<Asked>) -> Self {
        Self {
            asked,
            issues: Issues::Code,
            saves: Saves::Succeed,
            own_method: Behaves::Well,
            visited: AtomicBool::new(false),
            remember: RememberChoices::default(),
            grant_management: Behaves::Well,
            patience: Duration::from_secs(120),
            panics_in_present: AtomicBool::new(false),
            reenter: OnceLock::new(),
        }
    }
}

impl ConsentPrompt for Fake {
    fn present(&self, view: ConsentView) {
        assert!(!self.panics_in_present.swap(false, Ordering::Relaxed), "a fault in the host");
        if let Some(host) = self.reenter.get() {
            let scopes = view.shown.scopes.iter().map(|scope| scope.name.clone()).collect();
            let choice = Choice::Allow { scopes, remember: Remember::Once };
            host.answer(view.prompt, &view.digest, choice).unwrap();
        }
        let _ = self.asked.send(Asked::Present(Box::new(view)));
    }

    fn dismiss(&self, prompt: PromptId) {
        let _ = self.asked.send(Asked::Dismiss(prompt));
    }
}

impl ContainerSink for Fake {
    fn deliver(
        &self,
        session: SessionId,
        _: DocumentId,
        in_reply_to: Option<ReplyToken>,
        text: String,
    ) {
        if let Some(host) = self.reenter.get() {
            host.close(session);
        }
        let message = serde_json::from_str(&text).unwrap();
        let _ = self.asked.send(match in_reply_to {
            Some(_) => Asked::Deliver(in_reply_to, message),
            None => Asked::Tell(message),
        });
    }

    fn settle(&self, _: SessionId, reply_token: ReplyToken) {
        let _ = self.asked.send(Asked::Settle(reply_token));
    }
}

impl AuditSink for Fake {
    fn record(&self, event: AuditEvent) {
        let _ = self.asked.send(Asked::Audit(event.outcome));
    }
}

#[async_trait]
impl CodeIssuer for Fake {
    async fn issue(&self, request: &CodeRequest) -> Result<IssuedCode, IssueError> {
        let visited = self.visited.load(Ordering::Relaxed);
        match self.issues {
            Issues::CodeAfterVisit if !visited => {
                let page = "https://as.example/authorize?request_uri=urn:1".parse().ok();
                Err(IssueError::RedirectToWeb { page })
            }
            Issues::Code | Issues::CodeAfterVisit => Ok(IssuedCode {
                code: AuthorizationCode::new("the-code"),
                client_id: ClientId::new(request.asked().client_id.as_str()),
                scopes: None,
                issuer: None,
                expires_in: Some(60),
                grant_id: Some(GrantId::new("g-1")),
            }),
            Issues::Nothing => {
                let _ = self.asked.send(Asked::Issue);
                let _given_up = GivenUp(self.asked.clone());
                pending().await
            }
            Issues::Panic => panic!("a fault in the host"),
        }
    }

    async fn end_grant(&self, _: &GrantId, _: Duration) -> Result<GrantEnding, IssueError> {
        let _ = self.asked.send(Asked::EndGrant);
        match self.grant_management {
            Behaves::Well => Ok(GrantEnding::Ended),
            Behaves::Never => pending().await,
            Behaves::Panics => panic!("a fault in the host"),
        }
    }
}

impl SettingsPage for Fake {
    fn show(&self, request: SettingsRequest) {
        let _ = self.asked.send(Asked::Settings(request));
    }
}

#[async_trait]
impl SignInPrompt for Fake {
    async fn reauthenticate(
        &self,
        request: &SignInRequest,
        _: &[String],
        _: Option<u64>,
    ) -> SignInOutcome {
        let _ = self.asked.send(Asked::SignIn(request.how.clone()));
        match self.own_method {
            Behaves::Well => SignInOutcome::Done,
            Behaves::Never => pending().await,
            Behaves::Panics => panic!("a fault in the host"),
        }
    }

    async fn select_account(&self, request: &SignInRequest) -> SignInOutcome {
        let _ = self.asked.send(Asked::SignIn(request.how.clone()));
        SignInOutcome::Cancelled
    }
}

#[async_trait]
impl Browser for Fake {
    async fn visit(&self, _: &SignInRequest, page: &Url) -> BrowserOutcome {
        let _ = self.asked.send(Asked::Visit(page.to_string()));
        match self.own_method {
            Behaves::Well => {
                self.visited.store(true, Ordering::Relaxed);
                BrowserOutcome::Returned
            }
            Behaves::Never => {
                let _given_up = GivenUp(self.asked.clone());
                pending().await
            }
            Behaves::Panics => panic!("a fault in the host"),
        }
    }
}

#[async_trait]
impl HostMethod for Fake {
    fn declaration(&self) -> HostMethodDeclaration {
        HostMethodDeclaration {
            name: HostMethodName::new("acme.print").unwrap(),
            params: Vec::new(),
            scope: None,
            prompting: Prompting::Never,
            programs: Programs::AllThatDeclareIt,
        }
    }

    async fn call(&self, call: &HostCall) -> Result<Value, HostMethodFailure> {
        let _ = self.asked.send(Asked::Call(Value::Object(call.params.clone())));
        match self.own_method {
            Behaves::Well => Ok(json!({"pages": 1})),
            Behaves::Never => {
                let _given_up = GivenUp(self.asked.clone());
                pending().await
            }
            Behaves::Panics => panic!("a fault in the host"),
        }
    }
}

#[async_trait]
impl GrantStore for Fake {
    async fn load(&self) -> Result<Remembered, GrantStoreError> {
        Ok(Remembered::default())
    }

    async fn save(&self, remembered: &Remembered) -> Result<(), GrantStoreError> {
        assert!(self.saves != Saves::Panic, "a fault in the host");
        tokio::task::yield_now().await;
        let _ = self.asked.send(Asked::Save(remembered.grants.len()));
        match self.saves {
            Saves::Fail => Err(GrantStoreError::NotLoaded),
            Saves::Succeed | Saves::Panic => Ok(()),
        }
    }
}

pub(crate) struct Bench {
    pub(crate) host: MiniHost,
    pub(crate) fake: Weak<Fake>,
    pub(crate) asked: UnboundedReceiver<Asked>,
    /// What came before it was looked for: ports are called on threads of their own.
    aside: Vec<Asked>,
    pub(crate) session: SessionId,
}

pub(crate) async fn bench(change: impl FnOnce(&mut Fake)) -> Bench {
    let (sender, asked) = unbounded_channel();
    let mut fake = Fake::new(sender);
    change(&mut fake);
    let fake = Arc::new(fake);
    let weak = Arc::downgrade(&fake);
    let (config, ports) = setup(fake, 1);
    let host = MiniHost::start(config, ports).await.unwrap();
    host.user_changed(Some(alice()));
    let session = host.open(manifest("teahouse"), Launch::default()).unwrap();
    host.document_started(session, DOCUMENT);
    let text = initialize(0).to_string();
    let reply = host.receive(session, call("teahouse", DOCUMENT, ReplyToken(0)), &text);
    assert!(reply.unwrap().contains("\"version\":1"), "what needs nobody is answered at once");
    Bench { host, fake: weak, asked, aside: Vec::new(), session }
}

/// Why a host does not start that has the same method twice.
pub(crate) async fn start_with_two_equal_methods() -> StartError {
    let (sender, _) = unbounded_channel();
    let (config, ports) = setup(Arc::new(Fake::new(sender)), 2);
    MiniHost::start(config, ports).await.err().expect("the host does not start")
}

fn setup(fake: Arc<Fake>, methods: usize) -> (HostConfig, Ports) {
    let info = HostInfo { name: "T".into(), version: "1".into(), platform: "test".into() };
    let mut config = HostConfig::new(Issuer::new("https://as.example"), info, Locale::new("en"));
    config.prompt_deadline = fake.patience;
    config.remember = fake.remember.clone();
    config.network_deadline = fake.patience;
    let method: Arc<dyn HostMethod> = fake.clone();
    let ports = Ports {
        prompt: fake.clone(),
        sink: fake.clone(),
        code_issuer: fake.clone(),
        grants: fake.clone(),
        audit: fake.clone(),
        clock: Arc::new(SystemClock::new()),
        optional: OptionalPorts {
            settings: Some(fake.clone()),
            sign_in: Some(fake.clone()),
            browser: Some(fake),
            methods: vec![method; methods],
        },
    };
    (config, ports)
}

impl Bench {
    pub(crate) fn request(&self, token: u64) {
        self.request_scopes(token, &["openid", "email"]);
    }

    pub(crate) fn request_scopes(&self, token: u64, scopes: &[&str]) {
        let context = call("teahouse", DOCUMENT, ReplyToken(token));
        let text = request_code(token, scopes).to_string();
        assert_eq!(self.host.receive(self.session, context, &text), None);
    }

    pub(crate) fn ask_with_prompt(&self, token: u64, prompt: &str) {
        let mut message = request_code(token, &["openid"]);
        message["params"]["prompt"] = json!(prompt);
        let context = call("teahouse", DOCUMENT, ReplyToken(token));
        assert_eq!(self.host.receive(self.session, context, &message.to_string()), None);
    }

    pub(crate) fn call(&self, token: u64, method: &str, params: &Value) -> Option<String> {
        let message = json!({"jsonrpc": "2.0", "id": token, "method": method, "params": params});
        let context = call("teahouse", DOCUMENT, ReplyToken(token));
        self.host.receive(self.session, context, &message.to_string())
    }

    /// The first call into a port for which `wanted` gives something.
    pub(crate) async fn find<T>(&mut self, wanted: impl Fn(&Asked) -> Option<T>) -> T {
        if let Some(index) = self.aside.iter().position(|asked| wanted(asked).is_some()) {
            return wanted(&self.aside.remove(index)).unwrap();
        }
        loop {
            let next = tokio::time::timeout(Duration::from_secs(30), self.asked.recv()).await;
            let asked = next.expect("the port is called in time").expect("the host runs");
            match wanted(&asked) {
                Some(found) => return found,
                None => self.aside.push(asked),
            }
        }
    }

    pub(crate) async fn view(&mut self) -> ConsentView {
        self.find(|asked| match asked {
            Asked::Present(view) => Some(ConsentView::clone(view)),
            _ => None,
        })
        .await
    }

    pub(crate) async fn issuing(&mut self) {
        self.find(|asked| matches!(asked, Asked::Issue).then_some(())).await;
    }

    pub(crate) async fn given_up(&mut self) {
        let given_up = |asked: &Asked| matches!(asked, Asked::GiveUp).then_some(());
        self.find(given_up).await;
    }

    pub(crate) async fn audited(&mut self) -> Outcome {
        self.find(|asked| match asked {
            Asked::Audit(outcome) => Some(outcome.clone()),
            _ => None,
        })
        .await
    }

    pub(crate) fn allow(&self, view: &ConsentView) -> Result<(), AnswerError> {
        let scopes = view.shown.scopes.iter().map(|scope| scope.name.clone()).collect();
        let choice = Choice::Allow { scopes, remember: Remember::ThirtyDays };
        self.host.answer(view.prompt, &view.digest, choice)
    }

    pub(crate) async fn delivered(&mut self) -> (Option<ReplyToken>, Value) {
        self.find(|asked| match asked {
            Asked::Deliver(token, message) => Some((*token, message.clone())),
            _ => None,
        })
        .await
    }

    pub(crate) async fn reason(&mut self) -> String {
        let (_, message) = self.delivered().await;
        message["error"]["data"]["reason"].as_str().unwrap().to_owned()
    }
}
