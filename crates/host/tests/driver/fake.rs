//! A host's ports, each under the test's control.

use std::{
    future::pending,
    sync::{
        Arc, Condvar, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use minihost::{
    AuditEvent, AuthorizationCode, Choice, ClientId, Clock, CodeRequest, ConsentView, DocumentId,
    Form, GrantId, HostCall, HostMethodDeclaration, HostMethodFailure, HostMethodMember,
    HostMethodName, IssuedCode, MiniHost, Outcome, Presence, Programs, PromptId, Prompting,
    Remember, RememberChoices, Remembered, ReplyToken, SessionId, SignInHow, SignInOutcome,
    SignInRequest, SystemClock,
    ports::{
        AuditSink, Browser, BrowserOutcome, CodeIssuer, ConsentPrompt, ContainerSink, GrantEnding,
        GrantStore, GrantStoreError, HostMethod, IssueError, SettingsPage, SettingsRequest,
        SignInPrompt,
    },
};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;
use url::Url;

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
    EndGrant(String),
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
    Never,
}

/// A place at which calls into the host wait.
#[derive(Default)]
pub(crate) struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn pass(&self) {
        let open = self.open.lock().unwrap();
        drop(self.opened.wait_while(open, |open| !*open).unwrap());
    }

    pub(crate) fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

pub(crate) struct Fake {
    asked: UnboundedSender<Asked>,
    pub(crate) issues: Issues,
    pub(crate) saves: Saves,
    pub(crate) remembered: Remembered,
    pub(crate) own_method: Behaves,
    visited: AtomicBool,
    pub(crate) remember: RememberChoices,
    pub(crate) grant_management: Behaves,
    /// How long the user and the network may take.
    pub(crate) patience: Duration,
    pub(crate) panics_in_present: AtomicBool,
    pub(crate) reenter: OnceLock<MiniHost>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Where the sink waits.
    pub(crate) sink_gate: Option<Arc<Gate>>,
    /// Where the prompt waits.
    pub(crate) prompt_gate: Option<Arc<Gate>>,
}

impl Fake {
    pub(crate) fn new(asked: UnboundedSender<Asked>) -> Self {
        Self {
            asked,
            issues: Issues::Code,
            saves: Saves::Succeed,
            remembered: Remembered::default(),
            own_method: Behaves::Well,
            visited: AtomicBool::new(false),
            remember: RememberChoices::default(),
            grant_management: Behaves::Well,
            patience: Duration::from_secs(120),
            panics_in_present: AtomicBool::new(false),
            reenter: OnceLock::new(),
            clock: Arc::new(SystemClock::new()),
            sink_gate: None,
            prompt_gate: None,
        }
    }
}

impl ConsentPrompt for Fake {
    fn present(&self, view: ConsentView) {
        if let Some(gate) = &self.prompt_gate {
            gate.pass();
        }
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
        if let Some(gate) = &self.sink_gate {
            gate.pass();
        }
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
        if let Some(gate) = &self.sink_gate {
            gate.pass();
        }
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

    async fn end_grant(&self, grant: &GrantId, _: Duration) -> Result<GrantEnding, IssueError> {
        let _ = self.asked.send(Asked::EndGrant(grant.to_string()));
        match self.grant_management {
            _ if grant.as_str().starts_with("unanswered") => pending().await,
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
            params: vec![HostMethodMember {
                name: "document".to_owned(),
                form: Form::Text,
                presence: Presence::Optional,
            }],
            result: vec![HostMethodMember {
                name: "pages".to_owned(),
                form: Form::Whole,
                presence: Presence::Required,
            }],
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
        Ok(self.remembered.clone())
    }

    async fn save(&self, remembered: &Remembered) -> Result<(), GrantStoreError> {
        assert!(self.saves != Saves::Panic, "a fault in the host");
        tokio::task::yield_now().await;
        let _ = self.asked.send(Asked::Save(remembered.grants.len()));
        match self.saves {
            Saves::Fail => Err(GrantStoreError::NotLoaded),
            Saves::Never => pending().await,
            Saves::Succeed | Saves::Panic => Ok(()),
        }
    }
}
