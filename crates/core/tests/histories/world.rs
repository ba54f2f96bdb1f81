//! The machine in a world that keeps its own account of what may happen.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use minihost_core::{
    AuthorizationCode, Choice, ClientId, CodeRequest, ConsentMode, DocumentId, Effect, EndingId,
    GrantId, HostMethodDeclaration, HostMethodFailure, HostMethodName, Input, IssueFailure,
    IssuedCode, MiniProgramId, Programs, PromptId, Remember, ReplyToken, RevokeCall, SaveId,
    SaveOutcome, Scope, SessionId, SettingsPage, SignInOutcome, SignInSupport, Switch, Ticket,
    UserId, Visibility,
};
use minihost_protocol::{Reason, declaration::Prompting, limits};
use minihost_testkit::{Machine, alice, bob, call, initialize, manifest, request_code};
use serde_json::{Value, json};

use crate::event::{Call, Event, PROGRAMS, scopes};

const THIRTY_DAYS: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What an observer outside the machine knows.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) machine: Machine,
    user: Option<UserId>,
    pub(crate) documents: BTreeMap<SessionId, DocumentId>,
    last_document: u64,
    last_token: u64,
    last_id: u64,
    /// Requests without an answer, by the way back, with their document and id.
    pub(crate) unanswered: BTreeMap<(SessionId, ReplyToken), Waiting>,
    pub(crate) on_screen: Option<(PromptId, UserId, String, BTreeSet<Scope>)>,
    /// What each user agreed to for each program by one answer, with what was remembered then.
    answers: Vec<(UserId, String, BTreeSet<Scope>)>,
    /// What is remembered for whom, and until when.
    remembered: BTreeMap<(UserId, String, Scope), Duration>,
    saves: Vec<SaveId>,
    tickets: Vec<(Ticket, String)>,
    /// The most requests that ever waited at once.
    pub(crate) most_pending: usize,
    /// Code requests that the driver works on.
    in_flight: BTreeSet<Ticket>,
    /// Calls that the host's own method or its settings work on.
    calls: Vec<(Ticket, Answers)>,
    endings: Vec<EndingId>,
    last_revoke: u64,
    revokes: BTreeSet<RevokeCall>,
    switched_off: BTreeSet<usize>,
    hidden: BTreeSet<usize>,
}

/// A request without an answer.
pub(crate) struct Waiting {
    document: DocumentId,
    id: Value,
    /// When it came, where it must not learn anything.
    silent_since: Option<Duration>,
}

/// What answers a call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    Method,
    Settings,
    SignIn,
}

impl World {
    pub(crate) fn start() -> Self {
        let machine = Machine::with(|config| {
            config.settings = SettingsPage::Present;
            config.sign_in = SignInSupport::Present;
            config.methods = vec![HostMethodDeclaration {
                name: HostMethodName::new("acme.print").unwrap(),
                params: Vec::new(),
                scope: Some(Scope::new("profile")),
                prompting: Prompting::Never,
                programs: Programs::AllThatDeclareIt,
            }];
        });
        let mut world = Self { machine, ..Self::default() };
        world.switch(1);
        for session in 0..PROGRAMS.len() {
            world.reopen(session);
        }
        world
    }

    pub(crate) fn happen(&mut self, event: &Event) {
        match event {
            Event::Request { session, scopes: bits, prompt, visible } => {
                let names: Vec<String> = scopes(*bits).iter().map(ToString::to_string).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                self.last_id += 1;
                let mut message = request_code(self.last_id, &names);
                message["params"]["prompt"] = json!(prompt);
                self.send(*session, message, *visible);
            }
            Event::Call { session, call, visible } => self.call(*session, call, *visible),
            Event::Returned { call, ok } => self.returned(*call, *ok),
            Event::Ended { ending, outcome } => {
                if self.endings.is_empty() {
                    return;
                }
                let ending = self.endings[ending % self.endings.len()];
                let effects = self.machine.feed(Input::EndedAtServer { ending, outcome: *outcome });
                self.observe(effects);
            }
            Event::Revoke { session, scopes: bits } => {
                self.last_revoke += 1;
                let call = RevokeCall(self.last_revoke);
                self.revokes.insert(call);
                self.forget(*session, *bits);
                let effects = self.machine.feed(Input::Revoke {
                    call,
                    mini_program: MiniProgramId::new(PROGRAMS[*session]),
                    scopes: bits.map(scopes),
                });
                self.observe(effects);
            }
            Event::Switch { session, on } => {
                if *on {
                    self.switched_off.remove(session);
                } else {
                    self.switched_off.insert(*session);
                }
                let effects = self.machine.feed(Input::Switched {
                    mini_program: MiniProgramId::new(PROGRAMS[*session]),
                    switch: if *on { Switch::On } else { Switch::Off },
                });
                self.observe(effects);
            }
            Event::Garbage { session, text } => self.send_raw(*session, text),
            Event::Cancel { session, id } => {
                let text = json!({"jsonrpc": "2.0", "method": "$/cancelRequest",
                    "params": {"id": self.last_id.saturating_sub(*id)}});
                self.send_raw(*session, &text.to_string());
            }
            Event::Answer { prompt, choice, allow, remember } => {
                self.answer(*prompt, *choice, *allow, *remember);
            }
            Event::Saved { save, stored } => {
                if self.saves.is_empty() {
                    return;
                }
                let save = self.saves[save % self.saves.len()];
                let outcome = if *stored { SaveOutcome::Stored } else { SaveOutcome::Failed };
                let effects = self.machine.feed(Input::Saved { save, outcome });
                self.observe(effects);
            }
            Event::Issued { ticket, ok } => self.issued(*ticket, *ok),
            Event::Navigate { session } => self.navigate(*session),
            Event::Reopen { session } => {
                let id = session_id(*session);
                self.documents.remove(&id);
                self.forget_unheard();
                let effects = self.machine.feed(Input::Closed { session: id });
                self.observe(effects);
                self.reopen(*session);
            }
            Event::Visible { session, visible } => {
                let visibility = if *visible { Visibility::Visible } else { Visibility::Hidden };
                if *visible {
                    self.hidden.remove(session);
                } else {
                    self.hidden.insert(*session);
                }
                let effects = self
                    .machine
                    .feed(Input::VisibilityChanged { session: session_id(*session), visibility });
                self.observe(effects);
            }
            Event::SwitchUser { to } => self.switch(*to),
            Event::Advance { seconds } => {
                let effects = self.machine.advance(Duration::from_secs(*seconds));
                self.observe(effects);
                if *seconds > 600 {
                    // What was still being saved went on to the network or back to the user, which
                    // have times of their own.
                    for seconds in [31, 301] {
                        let effects = self.machine.advance(Duration::from_secs(seconds));
                        self.observe(effects);
                    }
                    assert!(self.unanswered.is_empty(), "something waits past every deadline");
                }
            }
        }
        self.invariants();
    }

    fn send(&mut self, session: usize, message: Value, visible: bool) {
        let id = session_id(session);
        self.last_token += 1;
        let token = ReplyToken(self.last_token);
        let document = self.documents[&id];
        let asks_silently = message["method"] == "auth.checkSession"
            || message["params"]["prompt"] == "none"
            || ((!visible || self.hidden.contains(&session))
                && message["method"] == "auth.requestCode");
        let granted = self
            .user
            .as_ref()
            .is_some_and(|user| !self.remembered_now(user, PROGRAMS[session]).is_empty());
        let silent = asks_silently && !granted && !self.switched_off.contains(&session);
        let silent_since = silent.then(|| self.machine.now().uptime);
        let waiting = Waiting { document, id: message["id"].clone(), silent_since };
        self.unanswered.insert((id, token), waiting);
        let mut context = call(PROGRAMS[session], document, token);
        if !visible {
            context.visibility = Visibility::Hidden;
        }
        let effects = self.machine.receive(id, context, &message.to_string());
        self.observe(effects);
    }

    fn send_raw(&mut self, session: usize, text: &str) {
        let id = session_id(session);
        self.last_token += 1;
        let token = ReplyToken(self.last_token);
        let document = self.documents[&id];
        let answers = !text.contains("cancelRequest");
        if answers {
            let waiting = Waiting { document, id: Value::Null, silent_since: None };
            self.unanswered.insert((id, token), waiting);
        }
        let context = call(PROGRAMS[session], document, token);
        let effects = self.machine.receive(id, context, text);
        self.observe(effects);
        assert!(!self.unanswered.contains_key(&(id, token)), "garbage is answered at once");
    }

    fn answer(&mut self, prompt: Option<u64>, choice: u8, allow: u8, remember: bool) {
        let shown = self.on_screen.as_ref().map(|(prompt, ..)| *prompt);
        let Some(prompt) = prompt.map(PromptId).or(shown) else { return };
        let choice = match choice {
            0 => Choice::Deny,
            1 => Choice::Dismiss,
            _ => Choice::Allow {
                scopes: scopes(allow),
                remember: if remember { Remember::ThirtyDays } else { Remember::Once },
            },
        };
        if shown == Some(prompt) {
            let (_, user, program, offered) = self.on_screen.take().unwrap();
            if choice != Choice::Dismiss {
                self.take_back(&user, &program, &offered);
            }
            if let Choice::Allow { scopes, .. } = &choice {
                let allowed: BTreeSet<Scope> = scopes.intersection(&offered).cloned().collect();
                self.agree(&user, &program, allowed, remember);
            }
        }
        let effects = self.machine.feed(Input::Answered { prompt, choice });
        self.observe(effects);
    }

    fn call(&mut self, session: usize, call: &Call, visible: bool) {
        let (method, params) = match call {
            Call::GetGrants => ("auth.getGrants", json!({})),
            Call::CheckSession => ("auth.checkSession", json!({})),
            Call::Revoke(bits) => {
                if !self.switched_off.contains(&session) {
                    self.forget(session, *bits);
                }
                let named = bits.map(scopes).map(|scopes| json!({"scopes": scopes}));
                ("auth.revoke", named.unwrap_or_else(|| json!({})))
            }
            Call::OpenSettings => ("host.openSettings", json!({})),
            Call::Print => ("acme.print", json!({})),
            Call::Hidden => ("acme.locate", json!({})),
        };
        self.last_id += 1;
        let message =
            json!({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params});
        self.send(session, message, visible);
    }

    /// What is taken back, in the program or in the host, is granted no more.
    fn forget(&mut self, session: usize, bits: Option<u8>) {
        let Some(user) = self.user.clone() else { return };
        let scopes = bits.map(scopes);
        self.remembered.retain(|(whose, whom, scope), _| {
            *whose != user
                || whom != PROGRAMS[session]
                || scopes.as_ref().is_some_and(|scopes| !scopes.contains(scope))
        });
    }

    fn returned(&mut self, call: usize, ok: bool) {
        if self.calls.is_empty() {
            return;
        }
        let index = call % self.calls.len();
        let effects = match self.calls.remove(index) {
            (ticket, Answers::SignIn) => {
                let outcome = if ok { SignInOutcome::Done } else { SignInOutcome::Cancelled };
                self.machine.feed(Input::SignInDone { ticket, outcome })
            }
            (ticket, Answers::Settings) => self.machine.feed(Input::SettingsShown { ticket }),
            (ticket, Answers::Method) => {
                let failure =
                    HostMethodFailure { reason: Reason::Internal, message: "Broken.".into() };
                let outcome = if ok { Ok(json!({"printed": true})) } else { Err(failure) };
                self.machine.feed(Input::MethodReturned { ticket, outcome })
            }
        };
        self.observe(effects);
    }

    /// The newest answer is what counts of everything that it was asked about.
    fn take_back(&mut self, user: &UserId, program: &str, offered: &BTreeSet<Scope>) {
        self.remembered.retain(|(whose, whom, scope), _| {
            whose != user || whom != program || !offered.contains(scope)
        });
    }

    fn agree(&mut self, user: &UserId, program: &str, allowed: BTreeSet<Scope>, remember: bool) {
        let mut all = self.remembered_now(user, program);
        all.extend(allowed.iter().cloned());
        self.answers.push((user.clone(), program.to_owned(), all));
        if remember {
            let until = self.machine.now().uptime + THIRTY_DAYS;
            let keys = allowed.into_iter().map(|scope| (user.clone(), program.to_owned(), scope));
            self.remembered.extend(keys.map(|key| (key, until)));
        }
    }

    fn remembered_now(&self, user: &UserId, program: &str) -> BTreeSet<Scope> {
        let now = self.machine.now().uptime;
        let live = self
            .remembered
            .iter()
            .filter(|((whose, whom, _), until)| whose == user && whom == program && now < **until);
        live.map(|((_, _, scope), _)| scope.clone()).collect()
    }

    /// No code without consent: either remembered and not expired, or in one answer of this user
    /// to this program.
    fn check_consent(&self, request: &CodeRequest) {
        let (user, program) = (&request.user().id, request.asked().client_id.as_str());
        assert_eq!(Some(user), self.user.as_ref(), "a code for a user who is gone");
        assert!(!request.scopes().is_empty());
        assert_eq!(request.scopes(), &request.evidence().scopes);
        let covered = match request.mode() {
            ConsentMode::Remembered => {
                request.scopes().is_subset(&self.remembered_now(user, program))
            }
            ConsentMode::Silent => panic!("this host lets nobody know anything silently"),
            ConsentMode::Prompt => self.answers.iter().any(|(whose, whom, scopes)| {
                whose == user && whom == program && request.scopes().is_subset(scopes)
            }),
        };
        assert!(covered, "a code without consent: {:?}", request.scopes());
    }

    fn issued(&mut self, ticket: usize, ok: bool) {
        if self.tickets.is_empty() {
            return;
        }
        let (ticket, client) = self.tickets[ticket % self.tickets.len()].clone();
        self.in_flight.remove(&ticket);
        let outcome = if ok {
            Ok(IssuedCode {
                code: AuthorizationCode::new("code"),
                client_id: ClientId::new(client),
                scopes: None,
                issuer: None,
                expires_in: None,
                grant_id: Some(GrantId::new("g")),
            })
        } else {
            let reason = match ticket.0 % 3 {
                0 => Reason::ConsentRequired,
                1 => Reason::LoginRequired,
                _ => Reason::Network,
            };
            Err(IssueFailure::because(reason))
        };
        let effects = self.machine.feed(Input::CodeIssued { ticket, outcome });
        self.observe(effects);
    }

    fn navigate(&mut self, session: usize) {
        let id = session_id(session);
        self.last_document += 1;
        let document = DocumentId(self.last_document);
        self.documents.insert(id, document);
        self.forget_unheard();
        let effects = self.machine.feed(Input::DocumentStarted { session: id, document });
        self.observe(effects);
        self.last_id += 1;
        self.send(session, initialize(self.last_id), true);
    }

    fn reopen(&mut self, session: usize) {
        self.hidden.remove(&session);
        let effects = self.machine.open(session_id(session), manifest(PROGRAMS[session]));
        self.observe(effects);
        self.navigate(session);
    }

    fn switch(&mut self, to: u8) {
        let user = match to {
            0 => None,
            1 => Some(alice()),
            _ => Some(bob()),
        };
        self.user = user.as_ref().map(|user| user.id.clone());
        let effects = self.machine.feed(Input::UserChanged(user));
        self.observe(effects);
    }

    /// Requests of documents that are gone need no answer.
    fn forget_unheard(&mut self) {
        let documents = &self.documents;
        self.unanswered
            .retain(|(session, _), waiting| documents.get(session) == Some(&waiting.document));
    }

    pub(crate) fn observe(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Reply(reply) => {
                    let key = (reply.session, reply.in_reply_to);
                    let waited = self.unanswered.remove(&key);
                    let waited = waited.expect("a reply to a request that had one or is gone");
                    assert_eq!(reply.document, waited.document, "a reply to another document");
                    let message: Value = serde_json::from_str(&reply.text).unwrap();
                    assert!(message["id"] == waited.id || message["id"].is_null());
                    if let Some(since) = waited.silent_since {
                        self.check_silence(since, &message);
                    }
                }
                Effect::Prompt(view) => {
                    assert!(self.on_screen.is_none(), "two prompts on screen");
                    let offered = view.shown.scopes.iter().map(|s| s.name.clone()).collect();
                    let program = view.shown.mini_program.id.to_string();
                    let user = self.user.clone().expect("a prompt without a user");
                    self.on_screen = Some((view.prompt, user, program, offered));
                }
                Effect::DismissPrompt(prompt) => {
                    let shown = self.on_screen.take();
                    assert_eq!(shown.map(|(shown, ..)| shown), Some(prompt));
                }
                Effect::Save { save, .. } => {
                    self.saves.push(save);
                }
                Effect::IssueCode(request) => {
                    self.check_consent(&request);
                    let client = request.asked().client_id.to_string();
                    self.tickets.push((request.ticket(), client));
                    self.in_flight.insert(request.ticket());
                }
                Effect::AbandonCode(ticket) => {
                    assert!(self.in_flight.remove(&ticket), "nothing to give up");
                }
                Effect::Tell(told) => {
                    assert_eq!(self.documents.get(&told.session), Some(&told.document));
                    self.check_event(told.session, &told.text);
                }
                Effect::CallMethod(call) => {
                    let user = call.user.expect("the method needs a scope").id;
                    let granted = self.remembered_now(&user, call.mini_program.as_str());
                    assert!(granted.contains(&Scope::new("profile")), "a call without its scope");
                    self.calls.push((call.ticket, Answers::Method));
                }
                Effect::AbandonMethod(ticket) | Effect::AbandonSignIn(ticket) => {
                    let before = self.calls.len();
                    self.calls.retain(|(called, _)| *called != ticket);
                    assert_eq!(self.calls.len() + 1, before, "nothing to give up");
                }
                Effect::OpenSettings { ticket, .. } => {
                    self.calls.push((ticket, Answers::Settings));
                }
                Effect::SignIn(wanted) => {
                    let other = self.calls.iter().any(|(_, answers)| *answers == Answers::SignIn);
                    assert!(!other, "two sign-ins at once");
                    self.calls.push((wanted.ticket, Answers::SignIn));
                }
                Effect::EndAtServer { ending, .. } => self.endings.push(ending),
                Effect::Revoked { call, .. } => {
                    assert!(self.revokes.remove(&call), "one outcome for each taking back");
                }
                Effect::Settle { .. } | Effect::Audit(_) => {}
            }
        }
    }

    /// A page without a grant learns the same after the same time, whatever it asks silently.
    fn check_silence(&self, since: Duration, message: &Value) {
        let reason = &message["error"]["data"]["reason"];
        let whoever_asks = ["aborted", "throttled", "disabled_by_host", "invalid_request"];
        if whoever_asks.iter().any(|known| reason == known) {
            return;
        }
        let nothing =
            reason == "interaction_required" || message["result"] == json!({"valid": false});
        assert!(nothing, "a silent question was answered: {message}");
        let waited = self.machine.now().uptime - since;
        assert!(waited >= Duration::from_secs(1), "an answer came early: {message}");
    }

    /// An event tells a page no more than what is remembered for it.
    fn check_event(&self, session: SessionId, text: &str) {
        let event: Value = serde_json::from_str(text).unwrap();
        let program = PROGRAMS[usize::try_from(session.0).unwrap() - 1];
        let user = self.user.as_ref();
        let granted = user.map(|user| self.remembered_now(user, program)).unwrap_or_default();
        if event["method"] == "auth.sessionChanged" && event["params"]["valid"] == true {
            assert!(!granted.is_empty(), "a session event without a grant");
        }
        for grant in event["params"]["grants"].as_array().into_iter().flatten() {
            assert!(granted.contains(&Scope::new(grant["scope"].as_str().unwrap())));
        }
    }

    fn invariants(&mut self) {
        let waiting = self.machine.mediator.pending_requests();
        self.most_pending = self.most_pending.max(waiting);
        assert_eq!(waiting, self.unanswered.len(), "what waits is what has no answer");
        for (session, document) in &self.documents {
            let own = |((of, _), waiting): &(&(SessionId, ReplyToken), &Waiting)| {
                of == session && waiting.document == *document
            };
            let pending = self.unanswered.iter().filter(own).count();
            assert!(pending <= limits::PENDING, "more than a page may have pending");
        }
        assert!(self.in_flight.len() <= waiting, "a code request that nobody waits for");
        let open = self.machine.mediator.open_prompt().map(|view| view.prompt);
        assert_eq!(open, self.on_screen.as_ref().map(|(prompt, ..)| *prompt));
        let grants = self.machine.mediator.grants(self.machine.now());
        let will_end = grants.iter().any(|grant| grant.expires_at.is_some());
        let is_due = self.machine.mediator.next_deadline().is_some();
        assert_eq!(waiting > 0 || will_end, is_due, "a tick comes where something ends by itself");
    }
}

pub(crate) fn session_id(session: usize) -> SessionId {
    SessionId(session as u64 + 1)
}
