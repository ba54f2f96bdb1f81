//! Which answers to a prompt count.

use minihost_core::{
    AnswerError, Choice, ConsentView, Input, PromptId, Remember, RememberChoices, Scope, ViewDigest,
};
use minihost_testkit::Machine;

use crate::asking::asking;

/// A machine whose user is asked for `openid`, for thirty days or once.
fn offering() -> (Machine, ConsentView) {
    let machine = Machine::with(|config| {
        let offered = [Remember::ThirtyDays, Remember::Once];
        config.remember = RememberChoices::only(offered).unwrap();
    });
    asking(machine, 1)
}

fn allow(scopes: &[&str], remember: Remember) -> Choice {
    Choice::Allow { scopes: scopes.iter().map(|scope| Scope::new(*scope)).collect(), remember }
}

#[test]
fn an_answer_to_what_is_shown_counts() {
    let (machine, view) = offering();
    for choice in [
        Choice::Deny,
        Choice::Dismiss,
        allow(&["openid"], Remember::ThirtyDays),
        allow(&["openid"], Remember::Once),
        // Nothing is remembered of nothing.
        allow(&[], Remember::UntilRevoked),
    ] {
        assert_eq!(machine.mediator.check_answer(view.prompt, &view.digest, &choice), Ok(()));
    }
}

#[test]
fn an_answer_to_anything_else_does_not() {
    let (mut machine, view) = offering();
    let yes = allow(&["openid"], Remember::ThirtyDays);
    let check = |machine: &Machine, prompt, digest: &ViewDigest, choice: &Choice| {
        machine.mediator.check_answer(prompt, digest, choice).unwrap_err()
    };
    let other = PromptId(view.prompt.0 + 1);
    assert_eq!(check(&machine, other, &view.digest, &yes), AnswerError::NotWaiting);
    let digest = ViewDigest::new("another");
    assert_eq!(check(&machine, view.prompt, &digest, &yes), AnswerError::OtherView);
    for scopes in [&["openid", "email"][..], &["email"]] {
        let more = allow(scopes, Remember::Once);
        assert_eq!(check(&machine, view.prompt, &view.digest, &more), AnswerError::OtherScopes);
    }
    let for_ever = allow(&["openid"], Remember::UntilRevoked);
    assert_eq!(check(&machine, view.prompt, &view.digest, &for_ever), AnswerError::OtherRemember);
    machine.feed(Input::Answered { prompt: view.prompt, choice: Choice::Deny });
    assert_eq!(check(&machine, view.prompt, &view.digest, &yes), AnswerError::NotWaiting);
}
