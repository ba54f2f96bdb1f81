//! A server that gives each code a name of its own, and what it is told of the ends of them.

use std::{collections::VecDeque, time::Duration};

use minihost_core::{
    AuthorizationCode, Choice, ClientId, DocumentId, Effect, EndOutcome, GrantId, Input,
    IssuedCode, Issuer, Manifest, PublisherKey, Remember, Remembered, ReplyToken, SaveOutcome,
    SessionId, SilentTier, Trust,
};
use minihost_testkit::{Machine, alice, bob, call, initialize, manifest, request_code};
use serde_json::{Value, json};

/// The most names of a user and program that the machine keeps, of each kind.
const MOST: usize = 64;

/// A host in which one program runs at a time, and a server that names every code anew.
struct Stage {
    machine: Machine,
    session: SessionId,
    messages: u64,
    codes: u64,
    end: EndOutcome,
    /// What the server was told to end.
    ended: Vec<String>,
    remembered: Remembered,
    replies: Vec<Value>,
}

impl Stage {
    fn new(silent: SilentTier, end: EndOutcome) -> Self {
        Self::on(Machine::with(|config| config.silent = silent), end)
    }

    fn on(mut machine: Machine, end: EndOutcome) -> Self {
        machine.feed(Input::UserChanged(Some(alice())));
        let session = SessionId(0);
        let mut stage = Self {
            machine,
            session,
            messages: 0,
            codes: 0,
            end,
            ended: Vec::new(),
            remembered: Remembered::default(),
            replies: Vec::new(),
        };
        stage.open(manifest("teahouse"));
        stage
    }

    fn open(&mut self, manifest: Manifest) {
        self.machine.feed(Input::Closed { session: self.session });
        self.session = SessionId(self.session.0 + 1);
        self.machine.open(self.session, manifest);
        self.machine
            .feed(Input::DocumentStarted { session: self.session, document: DocumentId(1) });
        self.say(initialize(1_000_000));
    }

    /// The page says something, and everybody answers as they do.
    fn say(&mut self, message: Value) {
        self.messages += 1;
        let effects = self.machine.advance(Duration::from_secs(1));
        self.settle(effects);
        let context = call("teahouse", DocumentId(1), ReplyToken(self.messages));
        let effects = self.machine.receive(self.session, context, &message.to_string());
        self.settle(effects);
    }

    fn ask(&mut self) {
        self.say(request_code(self.messages + 1, &["openid"]));
    }

    fn revoke(&mut self) {
        let id = self.messages + 1;
        self.say(json!({"jsonrpc": "2.0", "id": id, "method": "auth.revoke", "params": {}}));
    }

    fn settle(&mut self, effects: Vec<Effect>) {
        let mut todo = VecDeque::from(effects);
        while let Some(effect) = todo.pop_front() {
            let input = match effect {
                Effect::Prompt(view) => {
                    let scopes = view.shown.scopes.into_iter().map(|scope| scope.name).collect();
                    let remember = Remember::UntilRevoked;
                    let choice = Choice::Allow { scopes, remember };
                    Input::Answered { prompt: view.prompt, choice }
                }
                Effect::Save { save, remembered } => {
                    self.remembered = remembered;
                    Input::Saved { save, outcome: SaveOutcome::Stored }
                }
                Effect::IssueCode(request) => {
                    self.codes += 1;
                    let issued = IssuedCode {
                        code: AuthorizationCode::new("c"),
                        client_id: request.asked().client_id.clone(),
                        scopes: None,
                        issuer: None,
                        expires_in: None,
                        grant_id: Some(GrantId::new(format!("g-{:03}", self.codes))),
                    };
                    Input::CodeIssued { ticket: request.ticket(), outcome: Ok(issued) }
                }
                Effect::EndAtServer { ending, grant_id, .. } => {
                    self.ended.push(grant_id.to_string());
                    Input::EndedAtServer { ending, outcome: self.end }
                }
                Effect::Reply(reply) => {
                    self.replies.push(serde_json::from_str(&reply.text).unwrap());
                    continue;
                }
                _ => continue,
            };
            todo.extend(self.machine.feed(input));
        }
    }

    fn last_reply(&self) -> &Value {
        self.replies.last().unwrap()
    }
}

fn name(number: usize) -> String {
    format!("g-{number:03}")
}

#[test]
fn the_oldest_codes_end_where_a_program_has_very_many() {
    let mut stage = Stage::new(SilentTier::Off, EndOutcome::Ended);
    for _ in 0..MOST + 6 {
        stage.ask();
        assert_eq!(stage.last_reply()["result"]["code"], "c");
    }
    assert_eq!(stage.ended, (1..=6).map(name).collect::<Vec<_>>());
    assert_eq!(stage.machine.mediator.grants(stage.machine.now()).len(), 1);
    stage.revoke();
    assert_eq!(stage.ended, (1..=MOST + 6).map(name).collect::<Vec<_>>());
    assert_eq!(stage.last_reply()["result"]["atServer"], true);
}

#[test]
fn what_the_server_cannot_be_told_does_not_grow_without_end() {
    let mut stage = Stage::new(SilentTier::Recognise, EndOutcome::Failed);
    for _ in 0..20 {
        for _ in 0..20 {
            stage.ask();
        }
        stage.revoke();
    }
    let names: usize = stage
        .machine
        .mediator
        .past_grants()
        .iter()
        .map(|grant| grant.earlier_grant_ids.len() + usize::from(grant.grant_id.is_some()))
        .sum();
    assert!((MOST..=MOST + 20).contains(&names), "{names}");
    let refused = stage.codes;
    stage.ask();
    assert_eq!(stage.codes, refused);
    assert_eq!(stage.last_reply()["error"]["data"]["reason"], "temporarily_unavailable");
}

#[test]
fn a_remembered_code_waits_for_no_end_of_what_the_server_knows_by_another_name() {
    let mut stage = Stage::new(SilentTier::Off, EndOutcome::Failed);
    stage.ask();
    stage.revoke();
    stage.ask();
    let told = stage.ended.len();
    stage.ask();
    assert_eq!(stage.last_reply()["result"]["code"], "c");
    assert_eq!(stage.ended.len(), told);
}

#[test]
fn what_one_server_must_still_hear_does_not_hold_up_another() {
    let mut stage = Stage::new(SilentTier::Off, EndOutcome::Failed);
    for _ in 0..MOST {
        stage.ask();
        stage.revoke();
    }
    stage.ask();
    assert_eq!(stage.last_reply()["error"]["data"]["reason"], "temporarily_unavailable");
    let mut machine = Machine::with(|config| config.issuer = Issuer::new("https://other.example"));
    machine.feed(Input::Loaded(stage.remembered));
    let mut moved = Stage::on(machine, EndOutcome::Ended);
    moved.ask();
    assert_eq!(moved.last_reply()["result"]["code"], "c");
    let effects = moved.machine.advance(Duration::from_secs(3600));
    moved.settle(effects);
    moved.revoke();
    assert_eq!(moved.ended, [name(1)]);
}

#[test]
fn a_user_is_shown_their_own_grants_at_this_server_and_no_others() {
    let of = |machine: &Machine| {
        let live = machine.mediator.grants(machine.now()).len();
        (live, machine.mediator.past_grants().len())
    };
    let mut stage = Stage::new(SilentTier::Off, EndOutcome::Ended);
    stage.ask();
    stage.revoke();
    stage.ask();
    assert_eq!(of(&stage.machine), (1, 1));
    for (user, own) in [(Some(bob()), (0, 0)), (None, (0, 0)), (Some(alice()), (1, 1))] {
        stage.machine.feed(Input::UserChanged(user));
        assert_eq!(of(&stage.machine), own);
    }
    for (issuer, own) in [("https://as.example", (1, 1)), ("https://other.example", (0, 0))] {
        let mut machine = Machine::with(|config| config.issuer = Issuer::new(issuer));
        machine.feed(Input::Loaded(stage.remembered.clone()));
        machine.feed(Input::UserChanged(Some(alice())));
        assert_eq!(of(&machine), own, "{issuer}");
    }
}

#[test]
fn another_publishers_program_of_the_same_name_ends_nothing() {
    let mut stage = Stage::new(SilentTier::Off, EndOutcome::Ended);
    stage.ask();
    stage.revoke();
    stage.ended.clear();
    stage.ask();
    let of = |key: &str, client: &str| {
        let mut other = manifest("teahouse");
        other.trust = Trust::Signed { key: PublisherKey::new(key) };
        other.client_id = ClientId::new(client);
        other
    };
    stage.open(of("another", "another"));
    stage.revoke();
    stage.ask();
    stage.revoke();
    assert_eq!(stage.ended, [name(3)]);
    assert_eq!(stage.machine.mediator.grants(stage.machine.now()).len(), 1);
}
