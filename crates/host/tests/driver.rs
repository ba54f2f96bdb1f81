//! The driver around the machine: order, threads, deadlines, faults of the host's own ports.
#![cfg(test)]

use std::{
    future::pending,
    sync::{
        Arc, Mutex, OnceLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use async_trait::async_trait;
use minihost::{
    AnswerError, AuditEvent, AuthorizationCode, Choice, ClientId, CodeRequest, ConsentView,
    DocumentId, Grant, HostConfig, HostInfo, IssuedCode, Issuer, Launch, Locale, MiniHost,
    OpenError, Outcome, Ports, PromptId, Remember, ReplyToken, SessionId, SystemClock,
    ports::{
        AuditSink, CodeIssuer, ConsentPrompt, ContainerSink, GrantStore, GrantStoreError,
        IssueError,
    },
};
use minihost_testkit::{alice, call, initialize, manifest, request_code};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const DOCUMENT: DocumentId = DocumentId(1);

/// What the host's ports were asked to do.
#[derive(Debug)]
enum Asked {
    Present(ConsentView),
    Dismiss(PromptId),
    Deliver(Option<ReplyToken>, Value),
    Settle(ReplyToken),
    Audit(Outcome),
}

/// How the host's own parts behave.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Issues {
    #[default]
    Code,
    Nothing,
    Panic,
}

struct Fake {
    asked: UnboundedSender<Asked>,
    issues: Issues,
    saves: bool,
    panics_in_present: AtomicBool,
    reenter: OnceLock<MiniHost>,
}

impl ConsentPrompt for Fake {
    fn present(&self, view: ConsentView) {
        assert!(!self.panics_in_present.swap(false, Ordering::Relaxed), "a fault in the host");
        if let Some(host) = self.reenter.get() {
            let scopes = view.shown.scopes.iter().map(|scope| scope.name.clone()).collect();
            let choice = Choice::Allow { scopes, remember: Remember::Once };
            host.answer(view.prompt, &view.digest, choice).unwrap();
        }
        let _ = self.asked.send(Asked::Present(view));
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
        let _ = self.asked.send(Asked::Deliver(in_reply_to, message));
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
        match self.issues {
            Issues::Code => Ok(IssuedCode {
                code: AuthorizationCode::new("the-code"),
                client_id: ClientId::new(request.asked().client_id.as_str()),
                scopes: None,
                issuer: None,
                expires_in: Some(60),
                grant_id: None,
            }),
            Issues::Nothing => pending().await,
            Issues::Panic => panic!("a fault in the host"),
        }
    }
}

#[async_trait]
impl GrantStore for Fake {
    async fn load(&self) -> Result<Vec<Grant>, GrantStoreError> {
        Ok(Vec::new())
    }

    async fn save(&self, _: &[Grant]) -> Result<(), GrantStoreError> {
        if self.saves { Ok(()) } else { Err(GrantStoreError::NotLoaded) }
    }
}

struct Bench {
    host: MiniHost,
    fake: Weak<Fake>,
    asked: UnboundedReceiver<Asked>,
    /// What came before it was looked for: ports are called on threads of their own.
    aside: Vec<Asked>,
    session: SessionId,
}

async fn bench(change: impl FnOnce(&mut Fake)) -> Bench {
    let (sender, asked) = unbounded_channel();
    let mut fake = Fake {
        asked: sender,
        issues: Issues::Code,
        saves: true,
        panics_in_present: AtomicBool::new(false),
        reenter: OnceLock::new(),
    };
    change(&mut fake);
    let fake = Arc::new(fake);
    let weak = Arc::downgrade(&fake);
    let info = HostInfo { name: "T".into(), version: "1".into(), platform: "test".into() };
    let mut config = HostConfig::new(Issuer::new("https://as.example"), info, Locale::new("en"));
    // Short enough to wait for, long enough for a slow machine to answer within.
    config.prompt_deadline = Duration::from_secs(3);
    config.network_deadline = Duration::from_secs(1);
    let ports = Ports {
        prompt: fake.clone(),
        sink: fake.clone(),
        code_issuer: fake.clone(),
        grants: fake.clone(),
        audit: fake,
        clock: Arc::new(SystemClock::new()),
    };
    let host = MiniHost::start(config, ports).await.unwrap();
    host.user_changed(Some(alice()));
    let session = host.open(manifest("teahouse"), Launch::default()).unwrap();
    host.document_started(session, DOCUMENT);
    let text = initialize(0).to_string();
    let reply = host.receive(session, call("teahouse", DOCUMENT, ReplyToken(0)), &text);
    assert!(reply.unwrap().contains("\"version\":1"), "what needs nobody is answered at once");
    Bench { host, fake: weak, asked, aside: Vec::new(), session }
}

impl Bench {
    fn request(&self, token: u64) {
        let context = call("teahouse", DOCUMENT, ReplyToken(token));
        let text = request_code(token, &["openid", "email"]).to_string();
        assert_eq!(self.host.receive(self.session, context, &text), None);
    }

    /// The first call into a port for which `wanted` gives something.
    async fn find<T>(&mut self, wanted: impl Fn(&Asked) -> Option<T>) -> T {
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

    async fn view(&mut self) -> ConsentView {
        self.find(|asked| match asked {
            Asked::Present(view) => Some(view.clone()),
            _ => None,
        })
        .await
    }

    async fn audited(&mut self) -> Outcome {
        self.find(|asked| match asked {
            Asked::Audit(outcome) => Some(outcome.clone()),
            _ => None,
        })
        .await
    }

    fn allow(&self, view: &ConsentView) -> Result<(), AnswerError> {
        let scopes = view.shown.scopes.iter().map(|scope| scope.name.clone()).collect();
        let choice = Choice::Allow { scopes, remember: Remember::ThirtyDays };
        self.host.answer(view.prompt, &view.digest, choice)
    }

    async fn delivered(&mut self) -> (Option<ReplyToken>, Value) {
        self.find(|asked| match asked {
            Asked::Deliver(token, message) => Some((*token, message.clone())),
            _ => None,
        })
        .await
    }

    async fn reason(&mut self) -> String {
        let (_, message) = self.delivered().await;
        message["error"]["data"]["reason"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn an_answer_leads_to_a_code_for_the_message_that_asked() {
    let mut bench = bench(|_| {}).await;
    bench.request(7);
    let view = bench.view().await;
    assert_eq!(bench.host.pending_prompts(), std::slice::from_ref(&view));
    bench.allow(&view).unwrap();
    let (token, message) = bench.delivered().await;
    assert_eq!(token, Some(ReplyToken(7)));
    assert_eq!(message["result"]["code"], "the-code");
    assert!(matches!(bench.audited().await, Outcome::Delivered { .. }));
    assert_eq!(bench.host.grants().len(), 2);
    assert_eq!(bench.allow(&view), Err(AnswerError::NotWaiting));

    bench.request(8);
    assert_eq!(bench.delivered().await.0, Some(ReplyToken(8)), "a grant needs no prompt");
}

#[tokio::test]
async fn an_answer_to_another_view_or_with_other_scopes_does_not_count() {
    let mut bench = bench(|_| {}).await;
    bench.request(1);
    let view = bench.view().await;
    let mut other = view.clone();
    other.digest = minihost::ViewDigest::new("another");
    assert_eq!(bench.allow(&other), Err(AnswerError::OtherView));
    let scopes = [minihost::Scope::new("phone")].into();
    let choice = Choice::Allow { scopes, remember: Remember::Once };
    let answered = bench.host.answer(view.prompt, &view.digest, choice);
    assert_eq!(answered, Err(AnswerError::OtherScopes));
    bench.allow(&view).unwrap();
    assert!(bench.delivered().await.1["result"].is_object());
}

#[tokio::test]
async fn no_lock_is_held_while_the_host_is_called() {
    let mut bench = bench(|_| {}).await;
    let fake = bench.fake.upgrade().unwrap();
    assert!(fake.reenter.set(bench.host.clone()).is_ok());
    drop(fake);
    bench.request(1);
    bench.view().await;
    let (_, message) = bench.delivered().await;
    assert_eq!(message["result"]["code"], "the-code");
}

#[tokio::test]
async fn messages_may_come_from_threads_without_a_runtime() {
    let mut bench = bench(|_| {}).await;
    let (host, session) = (bench.host.clone(), bench.session);
    let elsewhere = thread::spawn(move || {
        let text = request_code(1, &["openid"]).to_string();
        host.receive(session, call("teahouse", DOCUMENT, ReplyToken(1)), &text)
    });
    assert_eq!(elsewhere.join().unwrap(), None);
    let view = bench.view().await;
    let (host, view) = (bench.host.clone(), Mutex::new(view));
    let answered = thread::spawn(move || {
        let view = view.into_inner().unwrap();
        host.answer(view.prompt, &view.digest, Choice::Deny)
    });
    answered.join().unwrap().unwrap();
    assert_eq!(bench.reason().await, "user_denied");
}

#[tokio::test]
async fn a_prompt_that_panics_costs_its_own_request_only() {
    let mut bench = bench(|fake| fake.panics_in_present = AtomicBool::new(true)).await;
    bench.request(1);
    assert_eq!(bench.reason().await, "timeout");
    bench.request(2);
    let view = bench.view().await;
    bench.allow(&view).unwrap();
    assert!(bench.delivered().await.1["result"].is_object());
}

#[tokio::test]
async fn nobody_waits_for_a_code_issuer_for_ever() {
    let mut bench = bench(|fake| fake.issues = Issues::Nothing).await;
    bench.request(1);
    let view = bench.view().await;
    bench.allow(&view).unwrap();
    assert_eq!(bench.reason().await, "timeout");
}

#[tokio::test]
async fn a_code_issuer_that_panics_is_an_internal_error() {
    let mut bench = bench(|fake| fake.issues = Issues::Panic).await;
    bench.request(1);
    let view = bench.view().await;
    bench.allow(&view).unwrap();
    assert_eq!(bench.reason().await, "internal");
}

#[tokio::test]
async fn a_store_that_fails_means_only_that_nothing_is_remembered() {
    let mut bench = bench(|fake| fake.saves = false).await;
    bench.request(1);
    let view = bench.view().await;
    bench.allow(&view).unwrap();
    assert!(bench.delivered().await.1["result"].is_object());
    assert!(bench.host.grants().is_empty());
}

#[tokio::test]
async fn a_closed_program_hears_nothing_and_its_prompt_goes() {
    let mut bench = bench(|_| {}).await;
    bench.request(1);
    let view = bench.view().await;
    bench.host.close(bench.session);
    let dismissed = bench.find(|asked| match asked {
        Asked::Dismiss(prompt) => Some(*prompt),
        _ => None,
    });
    assert_eq!(dismissed.await, view.prompt);
    assert_eq!(bench.audited().await, Outcome::DocumentGone);
    let context = call("teahouse", DOCUMENT, ReplyToken(2));
    let text = request_code(2, &["openid"]).to_string();
    assert_eq!(bench.host.receive(bench.session, context, &text), None);
    let settled = bench.find(|asked| match asked {
        Asked::Settle(token) => Some(*token),
        _ => None,
    });
    assert_eq!(settled.await, ReplyToken(2));
}

#[tokio::test]
async fn shutting_down_answers_what_waits_and_lets_every_port_go() {
    let mut bench = bench(|_| {}).await;
    bench.request(1);
    bench.view().await;
    bench.host.shutdown().await;
    assert_eq!(bench.reason().await, "aborted");
    assert!(bench.fake.upgrade().is_none(), "a port is still held");
    assert_eq!(bench.host.open(manifest("cinema"), Launch::default()), Err(OpenError::ShutDown));
    bench.host.shutdown().await;
}

#[tokio::test]
async fn a_host_that_is_dropped_lets_every_port_go() {
    let mut bench = bench(|_| {}).await;
    bench.request(1);
    bench.view().await;
    drop(bench.host);
    while bench.asked.recv().await.is_some() {}
    while bench.fake.upgrade().is_some() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
