//! Whatever happens in whatever order, the machine keeps its promises.
#![cfg(test)]

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use minihost_core::{
    AuthorizationCode, Choice, ClientId, ConsentMode, DocumentId, Effect, GrantId, Input,
    IssueFailure, IssuedCode, PromptId, Remember, ReplyToken, SaveId, SaveOutcome, Scope,
    SessionId, Ticket, UserId, Visibility,
};
use minihost_protocol::{Reason, limits};
use minihost_testkit::{Machine, alice, bob, call, initialize, manifest, request_code};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

const PROGRAMS: [&str; 3] = ["teahouse", "cinema", "bakery"];
const SCOPES: [&str; 4] = ["openid", "profile", "email", "phone"];

/// One thing that the world does. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Event {
    Request { session: usize, scopes: u8, visible: bool },
    Garbage { session: usize, text: String },
    Cancel { session: usize, id: u64 },
    Answer { prompt: Option<u64>, choice: u8, allow: u8, remember: bool },
    Saved { save: usize, stored: bool },
    Issued { ticket: usize, ok: bool },
    Navigate { session: usize },
    Reopen { session: usize },
    Visible { session: usize, visible: bool },
    SwitchUser { to: u8 },
    Advance { seconds: u64 },
}

fn event() -> impl Strategy<Value = Event> {
    let session = 0..PROGRAMS.len();
    prop_oneof![
        6 => (session.clone(), 1..16u8, prop::bool::weighted(0.9))
            .prop_map(|(session, scopes, visible)| Event::Request { session, scopes, visible }),
        1 => (session.clone(), select(vec!["{", "[]", "\"\"", "{\"jsonrpc\":\"2.0\",\"id\":1}"]))
            .prop_map(|(session, text)| Event::Garbage { session, text: text.into() }),
        1 => (session.clone(), 0..40u64).prop_map(|(session, id)| Event::Cancel { session, id }),
        5 => (prop::option::weighted(0.2, 0..50u64), 0..5u8, 0..16u8, any::<bool>()).prop_map(
            |(prompt, choice, allow, remember)| Event::Answer { prompt, choice, allow, remember }
        ),
        3 => (any::<usize>(), prop::bool::weighted(0.8))
            .prop_map(|(save, stored)| Event::Saved { save, stored }),
        5 => (any::<usize>(), prop::bool::weighted(0.8))
            .prop_map(|(ticket, ok)| Event::Issued { ticket, ok }),
        1 => session.clone().prop_map(|session| Event::Navigate { session }),
        1 => session.clone().prop_map(|session| Event::Reopen { session }),
        1 => (session, any::<bool>())
            .prop_map(|(session, visible)| Event::Visible { session, visible }),
        1 => (0..3u8).prop_map(|to| Event::SwitchUser { to }),
        2 => prop_oneof![Just(1u64), Just(6), Just(31), Just(301), Just(2_592_000)]
            .prop_map(|seconds| Event::Advance { seconds }),
    ]
}

fn scopes(bits: u8) -> BTreeSet<Scope> {
    let chosen = SCOPES.iter().enumerate().filter(|(i, _)| bits & (1 << i) != 0);
    chosen.map(|(_, scope)| Scope::new(*scope)).collect()
}

/// What an observer outside the machine knows.
#[derive(Default)]
struct World {
    machine: Machine,
    user: Option<UserId>,
    documents: BTreeMap<SessionId, DocumentId>,
    last_document: u64,
    last_token: u64,
    last_id: u64,
    /// Requests without an answer, by the way back, with their document and id.
    unanswered: BTreeMap<(SessionId, ReplyToken), (DocumentId, Value)>,
    on_screen: Option<(PromptId, UserId, String, BTreeSet<Scope>)>,
    /// What each user agreed to for each program, at any time.
    agreed: BTreeSet<(UserId, String, Scope)>,
    saves: Vec<SaveId>,
    unsaved: BTreeSet<SaveId>,
    tickets: Vec<(Ticket, String)>,
}

impl World {
    fn start() -> Self {
        let mut world = Self::default();
        world.switch(1);
        for session in 0..PROGRAMS.len() {
            world.reopen(session);
        }
        world
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Request { session, scopes: bits, visible } => {
                let names: Vec<String> = scopes(*bits).iter().map(ToString::to_string).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                self.last_id += 1;
                self.send(*session, request_code(self.last_id, &names), *visible);
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
                self.unsaved.remove(&save);
                let outcome = if *stored { SaveOutcome::Stored } else { SaveOutcome::Failed };
                let effects = self.machine.feed(Input::GrantsSaved { save, outcome });
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
                    // What was still being saved went on to the network, which has its own time.
                    let effects = self.machine.advance(Duration::from_secs(31));
                    self.observe(effects);
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
        self.unanswered.insert((id, token), (document, message["id"].clone()));
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
            self.unanswered.insert((id, token), (document, Value::Null));
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
            if let Choice::Allow { scopes, .. } = &choice {
                let agreed = scopes.intersection(&offered);
                self.agreed.extend(agreed.map(|s| (user.clone(), program.clone(), s.clone())));
            }
        }
        let effects = self.machine.feed(Input::Answered { prompt, choice });
        self.observe(effects);
    }

    fn issued(&mut self, ticket: usize, ok: bool) {
        if self.tickets.is_empty() {
            return;
        }
        let (ticket, client) = self.tickets[ticket % self.tickets.len()].clone();
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
            Err(IssueFailure { reason: Reason::Network, retry_after: None })
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
            .retain(|(session, _), (document, _)| documents.get(session) == Some(document));
    }

    fn observe(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Reply(reply) => {
                    let key = (reply.session, reply.in_reply_to);
                    let waited = self.unanswered.remove(&key);
                    let (document, id) =
                        waited.expect("a reply to a request that had one or is gone");
                    assert_eq!(reply.document, document, "a reply to another document");
                    let message: Value = serde_json::from_str(&reply.text).unwrap();
                    assert!(message["id"] == id || message["id"].is_null());
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
                Effect::SaveGrants { save, .. } => {
                    self.saves.push(save);
                    self.unsaved.insert(save);
                }
                Effect::IssueCode(request) => {
                    let program = request.asked().client_id.to_string();
                    let user = request.user().id.clone();
                    assert_eq!(Some(&user), self.user.as_ref(), "a code for a user who is gone");
                    assert!(!request.scopes().is_empty());
                    for scope in request.scopes() {
                        let agreed = (user.clone(), program.clone(), scope.clone());
                        assert!(
                            self.agreed.contains(&agreed),
                            "no code without consent: {agreed:?}"
                        );
                    }
                    assert_eq!(request.scopes(), &request.evidence().scopes);
                    assert!(matches!(
                        request.mode(),
                        ConsentMode::Prompt | ConsentMode::Remembered
                    ));
                    self.tickets.push((request.ticket(), program));
                }
                Effect::Settle { .. } | Effect::Audit(_) => {}
            }
        }
    }

    fn invariants(&self) {
        let waiting = self.machine.mediator.pending_requests();
        assert_eq!(waiting, self.unanswered.len(), "what waits is what has no answer");
        assert!(waiting <= limits::PENDING * PROGRAMS.len());
        let open = self.machine.mediator.open_prompt().map(|view| view.prompt);
        assert_eq!(open, self.on_screen.as_ref().map(|(prompt, ..)| *prompt));
        assert_eq!(waiting == 0, self.machine.mediator.next_deadline().is_none());
    }
}

fn session_id(session: usize) -> SessionId {
    SessionId(session as u64 + 1)
}

proptest! {
    #[test]
    fn every_request_gets_one_answer_and_no_code_is_asked_for_without_consent(
        events in vec(event(), 1..120)
    ) {
        let mut world = World::start();
        for event in &events {
            world.happen(event);
        }
        let effects = world.machine.feed(Input::ShutDown);
        world.observe(effects);
        prop_assert!(world.unanswered.is_empty(), "the end leaves nothing unanswered");
    }

    #[test]
    fn no_text_makes_the_machine_panic_or_stop(texts in vec(any::<String>(), 1..20)) {
        let mut world = World::start();
        for text in &texts {
            let context = call(PROGRAMS[0], world.documents[&SessionId(1)], ReplyToken(1));
            world.machine.receive(SessionId(1), context, text);
        }
        world.happen(&Event::Request { session: 0, scopes: 1, visible: true });
        prop_assert!(world.on_screen.is_some());
    }

    #[test]
    fn no_message_shape_makes_the_machine_panic(
        method in select(vec!["host.initialize", "auth.requestCode", "$/cancelRequest", "x"]),
        id in prop_oneof![Just(json!(1)), Just(json!("a")), Just(json!(null)), Just(json!(-1))],
        member in select(vec!["scopes", "codeChallenge", "versions", "id", "maxAge", "prompt"]),
        value in prop_oneof![
            Just(json!(null)), Just(json!([])), Just(json!({})), Just(json!("")), Just(json!(1e300)),
            Just(json!([1, "a", null])), Just(json!({"min": -1, "max": "x"})),
        ],
    ) {
        let mut world = World::start();
        let text = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": {member: value}});
        let context = call(PROGRAMS[0], world.documents[&SessionId(1)], ReplyToken(1));
        let effects = world.machine.receive(SessionId(1), context, &text.to_string());
        let replies = effects.iter().filter(|effect| matches!(effect, Effect::Reply(_))).count();
        prop_assert_eq!(replies, 1);
    }
}
