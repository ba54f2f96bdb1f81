//! What waits for what, and for how long it may.

use std::time::Duration;

use minihost_core::{
    Choice, CodeRequest, ConsentMode, DocumentId, Effect, Input, Remember, ReplyToken, SaveId,
    SaveOutcome, SessionId,
};
use minihost_testkit::{Machine, alice, call, initialize, manifest, request_code};

const TEA: SessionId = SessionId(1);
const CINEMA: SessionId = SessionId(2);

fn program(session: SessionId) -> &'static str {
    if session == TEA { "teahouse" } else { "cinema" }
}

/// A machine in which both programs are open.
fn machine() -> Machine {
    let mut machine = Machine::default();
    machine.feed(Input::UserChanged(Some(alice())));
    for session in [TEA, CINEMA] {
        machine.open(session, manifest(program(session)));
        machine.feed(Input::DocumentStarted { session, document: DocumentId(1) });
        let context = call(program(session), DocumentId(1), ReplyToken(0));
        machine.receive(session, context, &initialize(0).to_string());
    }
    machine
}

fn ask(machine: &mut Machine, session: SessionId, id: u64, scope: &str) -> Vec<Effect> {
    let context = call(program(session), DocumentId(1), ReplyToken(id));
    machine.receive(session, context, &request_code(id, &[scope]).to_string())
}

fn allow(machine: &mut Machine, remember: Remember) -> Vec<Effect> {
    let view = machine.mediator.open_prompt().expect("the user is asked").clone();
    let scopes = view.shown.scopes.iter().map(|scope| scope.name.clone()).collect();
    machine
        .feed(Input::Answered { prompt: view.prompt, choice: Choice::Allow { scopes, remember } })
}

fn save(effects: &[Effect]) -> SaveId {
    let save = effects.iter().find_map(|effect| match effect {
        Effect::Save { save, .. } => Some(*save),
        _ => None,
    });
    save.expect("something is stored")
}

fn code_request(effects: &[Effect]) -> Option<&CodeRequest> {
    effects.iter().find_map(|effect| match effect {
        Effect::IssueCode(request) => Some(request.as_ref()),
        _ => None,
    })
}

#[test]
fn a_code_request_may_take_as_long_as_the_network_is_given() {
    let mut machine = machine();
    ask(&mut machine, TEA, 1, "openid");
    let effects = allow(&mut machine, Remember::Once);
    let request = code_request(&effects).expect("nothing is to be stored");
    assert_eq!(request.time_allowed(), Duration::from_secs(30));
    assert_eq!(machine.mediator.next_deadline(), Some(Duration::from_secs(30)));
}

#[test]
fn what_is_stored_does_not_wait_for_what_is_being_stored() {
    let mut machine = machine();
    ask(&mut machine, TEA, 1, "openid");
    let stored = save(&allow(&mut machine, Remember::UntilRevoked));
    machine.feed(Input::Saved { save: stored, outcome: SaveOutcome::Stored });
    ask(&mut machine, CINEMA, 1, "openid");
    allow(&mut machine, Remember::UntilRevoked);

    // The cinema's agreement is on its way to the store; the tea house's lies there.
    assert!(code_request(&ask(&mut machine, TEA, 2, "openid")).is_some());
    assert!(code_request(&ask(&mut machine, CINEMA, 2, "openid")).is_none());
}

#[test]
fn what_rests_on_a_later_answer_waits_for_the_save_of_that() {
    let mut machine = machine();
    ask(&mut machine, TEA, 1, "openid");
    let first = save(&allow(&mut machine, Remember::UntilRevoked));
    // It rests on the first answer, and then on the second, which says the same.
    assert!(code_request(&ask(&mut machine, TEA, 2, "openid")).is_none());
    let anew = request_code(3, &["openid"]);
    let anew = with(anew, "prompt", "consent");
    let context = call(program(TEA), DocumentId(1), ReplyToken(3));
    machine.receive(TEA, context, &anew.to_string());
    let second = save(&allow(&mut machine, Remember::UntilRevoked));

    let failed = machine.feed(Input::Saved { save: first, outcome: SaveOutcome::Failed });
    let modes: Vec<_> = failed.iter().filter_map(mode).collect();
    assert_eq!(modes, [ConsentMode::Prompt]);
    let stored = machine.feed(Input::Saved { save: second, outcome: SaveOutcome::Stored });
    let modes: Vec<_> = stored.iter().filter_map(mode).collect();
    assert_eq!(modes, [ConsentMode::Remembered, ConsentMode::Prompt]);
}

fn with(mut request: serde_json::Value, name: &str, value: &str) -> serde_json::Value {
    request["params"][name] = value.into();
    request
}

fn mode(effect: &Effect) -> Option<ConsentMode> {
    match effect {
        Effect::IssueCode(request) => Some(request.mode()),
        _ => None,
    }
}
