//! A machine whose user is asked for something.

use std::iter::once;

use minihost_core::{ConsentView, DocumentId, Input, ReplyToken, SessionId};
use minihost_testkit::{Machine, alice, call, initialize, manifest, request_code};

/// Whose page asks.
pub(crate) const SESSION: SessionId = SessionId(1);

/// Has a page ask alice for `openid`, so many times over, and gives the prompt that she sees.
pub(crate) fn asking(mut machine: Machine, times: u64) -> (Machine, ConsentView) {
    machine.feed(Input::UserChanged(Some(alice())));
    machine.open(SESSION, manifest("teahouse"));
    machine.feed(Input::DocumentStarted { session: SESSION, document: DocumentId(1) });
    let requests = (1..=times).map(|id| request_code(id, &["openid"]));
    for (token, message) in (0..).zip(once(initialize(0)).chain(requests)) {
        let context = call("teahouse", DocumentId(1), ReplyToken(token));
        machine.receive(SESSION, context, &message.to_string());
    }
    let view = machine.mediator.open_prompt().unwrap().clone();
    (machine, view)
}
