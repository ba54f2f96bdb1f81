//! The machine in a world that keeps its own account of what may happen.

mod account;
mod answers;
mod observed;
mod pages;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use minihost_core::{
    DocumentId, EndOutcome, EndingId, HostMethodDeclaration, HostMethodMember, HostMethodName,
    Input, MiniProgramId, Programs, PromptId, ReplyToken, RevokeCall, SaveId, SaveOutcome, Scope,
    SessionId, SettingsPage, SignInSupport, Switch, Ticket, UserId, Visibility,
};
use minihost_protocol::declaration::{Form, Presence, Prompting};
use minihost_testkit::{Machine, alice, bob, initialize, manifest, request_code};
use serde_json::{Value, json};

use super::event::{Event, PROGRAMS, scopes};

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
    /// The newest save that was answered.
    answered: Option<SaveId>,
    /// Whether a save has failed that nothing has come after.
    store_is_owed: bool,
    /// Whether the server could not be told something, some time.
    server_failed: bool,
    /// When a page took something back last.
    page_revoked: Option<Duration>,
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
                result: vec![HostMethodMember {
                    name: "printed".to_owned(),
                    form: Form::Flag,
                    presence: Presence::Required,
                }],
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
                self.server_failed |= *outcome == EndOutcome::Failed;
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
                if Some(save) > self.answered {
                    self.answered = Some(save);
                    self.store_is_owed = !*stored && self.saves.last() == Some(&save);
                }
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
                    assert!(self.revokes.is_empty(), "a taking back waits past its time");
                }
                if *seconds > 3600 {
                    assert!(!self.store_is_owed, "nobody has tried the store again");
                }
            }
        }
        self.invariants();
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
}

pub(crate) fn session_id(session: usize) -> SessionId {
    SessionId(session as u64 + 1)
}
