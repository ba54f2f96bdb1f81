//! The containers of the mini-programs: where messages to documents arrive.

use std::sync::Arc;

use minihost::{DocumentId, ReplyToken, SessionId, ports::ContainerSink};
use serde_json::Value;

use super::{World, throw};
use crate::rule::Rule;

/// What the host's process sees of them.
pub(crate) struct Container(pub(crate) Arc<World>);

impl ContainerSink for Container {
    fn deliver(
        &self,
        session: SessionId,
        document: DocumentId,
        in_reply_to: Option<ReplyToken>,
        text: String,
    ) {
        let what = || format!("to document {} of session {}: {text}", document.0, session.0);
        let fate = self.0.called(what, |state| {
            (state.chance.percent(state.temper.host_throws), state.chance.percent(10))
        });
        let Some((throws, looks)) = fate else { return };
        self.0.arrived(session, document, in_reply_to, &text);
        if looks {
            // A host may look at itself whenever it is called.
            let prompts = self.0.process().map(|process| process.host.pending_prompts().len());
            assert!(prompts.is_none_or(|prompts| prompts <= 1), "at most one prompt waits");
        }
        if throws {
            throw();
        }
    }

    fn settle(&self, session: SessionId, reply_token: ReplyToken) {
        let what = || format!("session {}: way back {} is let go", session.0, reply_token.0);
        self.0.called(what, |state| state.judge.settled(session, reply_token));
    }
}

impl World {
    /// A message has come to a container, at once or later.
    pub(crate) fn arrived(
        &self,
        session: SessionId,
        document: DocumentId,
        in_reply_to: Option<ReplyToken>,
        text: &str,
    ) {
        let now = (self.clock.total(), self.when().time);
        let mut state = self.state();
        let Ok(message) = serde_json::from_str::<Value>(text) else {
            return state.judge.blame(Rule::ExactlyOneAnswer, format!("no JSON: {text}"));
        };
        // The code is what the page asked for; nothing else in the message may be a secret.
        let without_code = match message["result"]["code"].as_str() {
            Some(code) => text.replace(code, ""),
            None => text.to_owned(),
        };
        state.judge.readable("a message to a page", &without_code);
        state.judge.delivered(session, document, in_reply_to, &message, now);
    }
}
