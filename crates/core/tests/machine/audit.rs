//! What is written down of what the user saw.

use std::{collections::BTreeSet, time::Duration};

use minihost_core::{AuditEvent, Choice, Effect, Input, Remember, Scope, UserChoice};
use minihost_testkit::Machine;

use crate::asking::{SESSION, asking};

fn written(effects: Vec<Effect>) -> Vec<AuditEvent> {
    let events = effects.into_iter().filter_map(|effect| match effect {
        Effect::Audit(event) => Some(event),
        _ => None,
    });
    events.collect()
}

#[test]
fn an_answer_is_written_down_with_the_digest_of_what_was_seen_and_the_time_it_took() {
    let (openid, remember): (BTreeSet<_>, _) = ([Scope::new("openid")].into(), Remember::Once);
    for (choice, noted) in [
        (Choice::Deny, UserChoice::Denied),
        (Choice::Dismiss, UserChoice::Dismissed),
        // Every box was cleared.
        (Choice::Allow { scopes: BTreeSet::new(), remember }, UserChoice::Denied),
        (
            Choice::Allow { scopes: openid.clone(), remember },
            UserChoice::Allowed { scopes: openid, remember },
        ),
    ] {
        let (mut machine, view) = asking(Machine::default(), 1);
        machine.advance(Duration::from_secs(3));
        let mut effects = machine.feed(Input::Answered { prompt: view.prompt, choice });
        effects.extend(machine.feed(Input::Closed { session: SESSION }));
        let events = written(effects);
        let [event] = &events[..] else { panic!("{events:?}") };
        assert_eq!(event.digest.as_ref(), Some(&view.digest));
        assert_eq!(event.choice.as_ref(), Some(&noted));
        assert_eq!(event.waited_for_user, Some(Duration::from_secs(3)));
    }
}

#[test]
fn a_request_that_joins_a_prompt_on_screen_was_seen_with_it() {
    let (mut machine, view) = asking(Machine::default(), 2);
    let denied = machine.feed(Input::Answered { prompt: view.prompt, choice: Choice::Deny });
    let digests: Vec<_> = written(denied).into_iter().map(|event| event.digest).collect();
    assert_eq!(digests, [Some(view.digest.clone()), Some(view.digest)]);
}
