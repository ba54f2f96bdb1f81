//! Code requests. Only the mediator makes one, from the user's answer.

use minihost_core::{
    Choice, CodeRequest, DocumentId, Effect, Input, Remember, ReplyToken, Scope, SessionId,
};
use serde_json::Value;

use crate::{Machine, alice, call, initialize, manifest, request_code};

/// Alice has allowed the program `teahouse` what it asked with these parameters beside the scopes
/// `openid email`.
pub fn approved_code_request(params: &[(&str, Value)]) -> CodeRequest {
    let (session, document) = (SessionId(1), DocumentId(1));
    let mut machine = Machine::default();
    machine.feed(Input::UserChanged(Some(alice())));
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
