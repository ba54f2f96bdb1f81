//! A running host with an open program, and what its ports were asked.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use minihost::{
    AnswerError, Build, Choice, ConsentView, DocumentId, HostConfig, HostInfo, Issuer, Launch,
    Locale, MiniHost, OptionalPorts, Outcome, Ports, Remember, ReplyToken, SessionId, StartError,
    ports::HostMethod,
};
use minihost_testkit::{alice, call, initialize, manifest, request_code};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::fake::{Asked, Fake};

pub(crate) const DOCUMENT: DocumentId = DocumentId(1);

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

/// A host as users get it. Nothing is open.
pub(crate) async fn release_host() -> MiniHost {
    let (sender, _) = unbounded_channel();
    let (mut config, ports) = setup(Arc::new(Fake::new(sender)), 1);
    config.build = Build::Release;
    MiniHost::start(config, ports).await.expect("the host starts")
}

fn setup(fake: Arc<Fake>, methods: usize) -> (HostConfig, Ports) {
    let info = HostInfo { name: "T".into(), version: "1".into(), platform: "test".into() };
    let mut config = HostConfig::new(Issuer::new("https://as.example"), info, Locale::new("en"));
    config.build = Build::Development;
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
        clock: fake.clock.clone(),
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
