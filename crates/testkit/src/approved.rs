//! Code requests. Only the mediator makes one, from the user's answer.

use jiff::Timestamp;
use minihost_core::{
    Choice, CodeRequest, DocumentId, Effect, Input, Remember, ReplyToken, Scope, SessionId, User,
};
use serde_json::Value;

use crate::{Machine, alice, call, initialize, manifest, request_code};

/// Alice has allowed the program `teahouse` what it asked with these parameters beside the scopes
/// `openid email`.
pub fn approved_code_request(params: &[(&str, Value)]) -> CodeRequest {
    approved_in(Machine::default(), alice(), params)
}

/// The same of a user who allowed it at this time.
pub fn code_request_approved_by(user: User, at: Timestamp) -> CodeRequest {
    let mut machine = Machine::default();
    let passed = at.duration_since(machine.now().time);
    machine.advance(passed.try_into().expect("the machine's clock starts before"));
    approved_in(machine, user, &[])
}

fn approved_in(mut machine: Machine, user: User, params: &[(&str, Value)]) -> CodeRequest {
    let (session, document) = (SessionId(1), DocumentId(1));
    machine.feed(Input::UserChanged(Some(user)));
    machine.open(session, manifest("teahouse"));
    machine.feed(Input::DocumentStarted { session, document });
    let context = |token| call("teahouse", document, ReplyToken(token));
    machine.receive(session, context(0), &initialize(0).to_string());
    let mut message = request_code(1, &["openid", "email"]);
    for (name, value) in params {
        message["params"][name] = value.clone();
    }
    let effects = machine.receive(session, context(1), &message.to_string());
    let prompt = effects.into_iter().find_map(|effect| match effect {
        Effect::Prompt(view) => Some(view.prompt),
        _ => None,
    });
    let choice =
        Choice::Allow { scopes: Scope::parse_list("openid email"), remember: Remember::Once };
    let prompt = prompt.expect("nothing is granted yet");
    let effects = machine.feed(Input::Answered { prompt, choice });
    let request = effects.into_iter().find_map(|effect| match effect {
        Effect::IssueCode(request) => Some(*request),
        _ => None,
    });
    request.expect("what is not remembered needs no save")
}
