//! A host whose user is alice, programs that are open in it, and what comes of what is done to it.

use std::collections::{BTreeMap, BTreeSet};

use minihost_core::{
    AnswerError, AuditEvent, AuthorizationCode, CallContext, Choice, ClientId, CodeRequest, Config,
    ConsentView, DocumentId, Effect, HostCall, Input, IssuedCode, Manifest, Remember, ReplyToken,
    SaveOutcome, Scope, SessionId, Told,
};
use minihost_testkit::{Machine, alice, call, initialize, manifest, request_code};
use serde_json::{Value, json};

/// The session of the program that is under attack, or attacks.
pub(crate) const TEA: SessionId = SessionId(1);
/// The session of another one.
pub(crate) const CINEMA: SessionId = SessionId(2);

/// The host under attack.
pub(crate) struct Stage {
    pub(crate) machine: Machine,
    open: BTreeMap<SessionId, (String, DocumentId)>,
    last_document: u64,
    last_token: u64,
    last_id: u64,
}

/// What came of one input.
#[derive(Default)]
pub(crate) struct Out {
    /// Replies, parsed, each with whom it is for.
    pub(crate) replies: Vec<(SessionId, DocumentId, Value)>,
    /// The same as text.
    pub(crate) texts: Vec<String>,
    pub(crate) told: Vec<Told>,
    pub(crate) prompts: Vec<ConsentView>,
    pub(crate) sign_ins: usize,
    pub(crate) dismissed: usize,
    pub(crate) code_requests: Vec<CodeRequest>,
    pub(crate) calls: Vec<HostCall>,
    pub(crate) audits: Vec<AuditEvent>,
    pub(crate) settled: usize,
    pub(crate) abandoned: usize,
}

impl Stage {
    /// A host with the usual settings; alice is signed in, `teahouse` and `cinema` are open.
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut stage = Self {
            machine: Machine::with(change),
            open: BTreeMap::new(),
            last_document: 0,
            last_token: 0,
            last_id: 0,
        };
        stage.feed(Input::UserChanged(Some(alice())));
        stage.open(TEA, manifest("teahouse"));
        stage.open(CINEMA, manifest("cinema"));
        stage
    }

    pub(crate) fn feed(&mut self, input: Input<'_>) -> Out {
        Out::of(self.machine.feed(input), &mut self.machine)
    }

    /// Opens a program and its first document.
    pub(crate) fn open(&mut self, session: SessionId, manifest: Manifest) -> DocumentId {
        self.open.insert(session, (manifest.id.to_string(), DocumentId(0)));
        self.machine.open(session, manifest);
        self.navigate(session)
    }

    /// The next document of a session introduces itself.
    pub(crate) fn navigate(&mut self, session: SessionId) -> DocumentId {
        let (document, _) = self.leave(session);
        let message = self.next_id(initialize);
        self.send(session, message);
        document
    }

    /// The next document of a session begins, and nothing else.
    pub(crate) fn leave(&mut self, session: SessionId) -> (DocumentId, Out) {
        self.last_document += 1;
        let document = DocumentId(self.last_document);
        self.open.get_mut(&session).expect("it is open").1 = document;
        (document, self.feed(Input::DocumentStarted { session, document }))
    }

    /// What the container says of an honest message of a session's current document.
    pub(crate) fn context(&mut self, session: SessionId) -> CallContext {
        self.last_token += 1;
        let (program, document) = &self.open[&session];
        call(program, *document, ReplyToken(self.last_token))
    }

    /// An honest message.
    pub(crate) fn send(&mut self, session: SessionId, message: Value) -> Out {
        let context = self.context(session);
        self.receive(session, context, &message.to_string())
    }

    /// Any message.
    pub(crate) fn receive(&mut self, session: SessionId, context: CallContext, text: &str) -> Out {
        let effects = self.machine.receive(session, context, text);
        Out::of(effects, &mut self.machine)
    }

    /// A message made with an id that was not used before.
    pub(crate) fn next_id(&mut self, message: impl FnOnce(u64) -> Value) -> Value {
        self.last_id += 1;
        message(self.last_id)
    }

    /// A call of a method with parameters.
    pub(crate) fn call(&mut self, session: SessionId, method: &str, params: Value) -> Out {
        let message = self
            .next_id(|id| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        self.send(session, message)
    }

    /// The page takes back what it asked last.
    pub(crate) fn cancel_last(&mut self, session: SessionId) -> Out {
        let params = json!({"id": self.last_id});
        let message = json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": params});
        self.send(session, message)
    }

    /// `auth.requestCode` for these scopes.
    pub(crate) fn ask(&mut self, session: SessionId, scopes: &[&str]) -> Out {
        self.ask_with(session, scopes, |_| {})
    }

    /// The same with parameters changed.
    pub(crate) fn ask_with(
        &mut self,
        session: SessionId,
        scopes: &[&str],
        change: impl FnOnce(&mut Value),
    ) -> Out {
        let mut message = self.next_id(|id| request_code(id, scopes));
        change(&mut message["params"]);
        self.send(session, message)
    }

    /// The user answers as a host passes it on.
    pub(crate) fn answer(
        &mut self,
        view: &ConsentView,
        choice: Choice,
    ) -> Result<Out, AnswerError> {
        self.machine.mediator.check_answer(view.prompt, &view.digest, &choice)?;
        Ok(self.feed(Input::Answered { prompt: view.prompt, choice }))
    }

    /// The user agrees to all of it.
    pub(crate) fn allow(&mut self, view: &ConsentView, remember: Remember) -> Out {
        let scopes = view.shown.scopes.iter().map(|scope| scope.name.clone()).collect();
        self.answer(view, Choice::Allow { scopes, remember }).expect("the view waits")
    }

    /// The server answers with a code for a client.
    pub(crate) fn issue(
        &mut self,
        request: &CodeRequest,
        change: impl FnOnce(&mut IssuedCode),
    ) -> Out {
        let mut issued = IssuedCode {
            code: AuthorizationCode::new("the-code"),
            client_id: ClientId::new(request.asked().client_id.as_str()),
            scopes: None,
            issuer: None,
            expires_in: None,
            grant_id: None,
        };
        change(&mut issued);
        self.feed(Input::CodeIssued { ticket: request.ticket(), outcome: Ok(issued) })
    }

    /// The user lets a program have these scopes until they say otherwise.
    pub(crate) fn grant(&mut self, session: SessionId, scopes: &[&str]) {
        let view = self.ask(session, scopes).prompt();
        let request = self.allow(&view, Remember::UntilRevoked).code_request();
        assert_eq!(self.issue(&request, |_| {}).result()["code"], "the-code");
    }
}

impl Out {
    /// Sorts effects; what is to be stored is stored.
    fn of(effects: Vec<Effect>, machine: &mut Machine) -> Self {
        let mut out = Self::default();
        for effect in effects {
            match effect {
                Effect::Reply(reply) => {
                    let message = serde_json::from_str(&reply.text).expect("a reply is JSON");
                    out.replies.push((reply.session, reply.document, message));
                    out.texts.push(reply.text);
                }
                Effect::Tell(told) => out.told.push(told),
                Effect::Prompt(view) => out.prompts.push(view),
                Effect::SignIn(_) => out.sign_ins += 1,
                Effect::DismissPrompt(_) => out.dismissed += 1,
                Effect::IssueCode(request) => out.code_requests.push(*request),
                Effect::AbandonCode(_) => out.abandoned += 1,
                Effect::CallMethod(call) => out.calls.push(*call),
                Effect::Audit(event) => out.audits.push(event),
                Effect::Settle { .. } => out.settled += 1,
                Effect::Save { save, .. } => {
                    let saved = Input::Saved { save, outcome: SaveOutcome::Stored };
                    let more = machine.feed(saved);
                    out.extend(Self::of(more, machine));
                }
                Effect::EndAtServer { .. }
                | Effect::Revoked { .. }
                | Effect::OpenSettings { .. }
                | Effect::AbandonSignIn(_)
                | Effect::AbandonMethod(_) => {}
            }
        }
        out
    }

    fn extend(&mut self, more: Self) {
        self.replies.extend(more.replies);
        self.texts.extend(more.texts);
        self.told.extend(more.told);
        self.prompts.extend(more.prompts);
        self.code_requests.extend(more.code_requests);
        self.calls.extend(more.calls);
        self.audits.extend(more.audits);
    }

    /// The one reply.
    pub(crate) fn reply(&self) -> &Value {
        assert_eq!(self.replies.len(), 1, "exactly one answer: {:?}", self.replies);
        &self.replies[0].2
    }

    /// The result of the one reply.
    pub(crate) fn result(&self) -> &Value {
        self.reply().get("result").unwrap_or_else(|| panic!("it was refused: {}", self.reply()))
    }

    /// Why the one request was refused. Nobody was asked and nothing was done for it.
    pub(crate) fn refusal(&self) -> &str {
        self.assert_nothing_done();
        let reason = &self.reply()["error"]["data"]["reason"];
        reason.as_str().unwrap_or_else(|| panic!("it was not refused: {}", self.reply()))
    }

    /// Nobody was asked and nothing was done.
    pub(crate) fn assert_nothing_done(&self) {
        assert!(self.prompts.is_empty(), "the user was asked");
        assert!(self.code_requests.is_empty(), "a code was asked for");
        assert!(self.calls.is_empty(), "a method was called");
    }

    /// Nobody even hears of it.
    pub(crate) fn assert_unheard(&self) {
        self.assert_nothing_done();
        assert!(self.replies.is_empty(), "somebody was answered: {:?}", self.replies);
        assert!(self.told.is_empty(), "somebody was told");
    }

    /// The one prompt.
    pub(crate) fn prompt(&self) -> ConsentView {
        assert_eq!(self.prompts.len(), 1, "the user is asked; replies: {:?}", self.replies);
        self.prompts[0].clone()
    }

    /// The one code request.
    pub(crate) fn code_request(mut self) -> CodeRequest {
        assert_eq!(self.code_requests.len(), 1, "one code request; replies: {:?}", self.replies);
        self.code_requests.remove(0)
    }
}

/// Scopes by name.
pub(crate) fn scopes(names: &[&str]) -> BTreeSet<Scope> {
    names.iter().map(|name| Scope::new(*name)).collect()
}
