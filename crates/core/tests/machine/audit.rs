//! What is written down of what the user saw.

use std::{collections::BTreeSet, time::Duration};

use minihost_core::{
    AuditEvent, Choice, DocumentId, Effect, Input, Remember, ReplyToken, Scope, SessionId,
    UserChoice, ViewDigest,
};
use minihost_testkit::{Machine, alice, call, initialize, manifest, request_code};

const SESSION: SessionId = SessionId(1);

/// Asks for a code, has the user see the prompt for a while, and hears what becomes of it.
fn asked(choice: impl FnOnce() -> Choice) -> (ViewDigest, Vec<AuditEvent>) {
    let mut machine = Machine::default();
    machine.feed(Input::UserChanged(Some(alice())));
    machine.open(SESSION, manifest("teahouse"));
    machine.feed(Input::DocumentStarted { session: SESSION, document: DocumentId(1) });
    let say = |machine: &mut Machine, token, message: serde_json::Value| {
        let context = call("teahouse", DocumentId(1), ReplyToken(token));
        machine.receive(SESSION, context, &message.to_string())
    };
    say(&mut machine, 1, initialize(0));
    let shown = say(&mut machine, 2, request_code(1, &["openid"]));
    let view = shown.into_iter().find_map(|effect| match effect {
        Effect::Prompt(view) => Some(view),
        _ => None,
    });
    let view = view.unwrap();
    machine.advance(Duration::from_secs(3));
    let prompt = view.prompt;
    let mut effects = machine.feed(Input::Answered { prompt, choice: choice() });
    effects.extend(machine.feed(Input::Closed { session: SESSION }));
    let written = effects.into_iter().filter_map(|effect| match effect {
        Effect::Audit(event) => Some(event),
        _ => None,
    });
    (view.digest, written.collect())
}

#[test]
fn an_answer_is_written_down_with_the_digest_of_what_was_seen_and_the_time_it_took() {
    let allow = || {
        let scopes = [Scope::new("openid")].into();
        Choice::Allow { scopes, remember: Remember::Once }
    };
    for (choice, written) in [
        (Choice::Deny, UserChoice::Denied),
        (Choice::Dismiss, UserChoice::Dismissed),
        // Every box was cleared.
        (Choice::Allow { scopes: BTreeSet::new(), remember: Remember::Once }, UserChoice::Denied),
        (
            allow(),
            UserChoice::Allowed { scopes: [Scope::new("openid")].into(), remember: Remember::Once },
        ),
    ] {
        let (digest, events) = asked(|| choice);
        let [event] = &events[..] else { panic!("{events:?}") };
        assert_eq!(event.digest.as_ref(), Some(&digest));
        assert_eq!(event.choice.as_ref(), Some(&written));
        assert_eq!(event.waited_for_user, Some(Duration::from_secs(3)));
    }
}

#[test]
fn a_request_that_joins_a_prompt_on_screen_was_seen_with_it() {
    let mut machine = Machine::default();
    machine.feed(Input::UserChanged(Some(alice())));
    machine.open(SESSION, manifest("teahouse"));
    machine.feed(Input::DocumentStarted { session: SESSION, document: DocumentId(1) });
    for (token, message) in
        [(1, initialize(0)), (2, request_code(1, &["openid"])), (3, request_code(2, &["openid"]))]
    {
        let context = call("teahouse", DocumentId(1), ReplyToken(token));
        machine.receive(SESSION, context, &message.to_string());
    }
    let view = machine.mediator.open_prompt().unwrap().clone();
    let denied = machine.feed(Input::Answered { prompt: view.prompt, choice: Choice::Deny });
    let digests: Vec<_> = denied
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Audit(event) => Some(event.digest),
            _ => None,
        })
        .collect();
    assert_eq!(digests, [Some(view.digest.clone()), Some(view.digest)]);
}
