//! Holding what the machine says against its declaration.

use std::collections::BTreeMap;

use minihost_core::Effect;
use minihost_protocol::{declaration::conforms, registry};
use serde_json::Value;

/// Which method was called on which way back.
#[derive(Default)]
pub(super) struct Shapes(BTreeMap<(u64, u64), String>);

impl Shapes {
    /// Notes a call.
    pub(super) fn note(&mut self, input: &Value) {
        let message = &input["message"];
        if let (Some(session), Some(to), Some(method)) = (
            message["session"].as_u64(),
            message["to"].as_u64(),
            message["text"]["method"].as_str(),
        ) {
            self.0.insert((session, to), method.to_owned());
        }
    }

    /// The text of an answer or an event that is not as declared.
    pub(super) fn misshapen(&self, effect: &Effect) -> Option<String> {
        let (text, fits) = match effect {
            Effect::Reply(reply) => {
                let answer: Value = serde_json::from_str(&reply.text).ok()?;
                let result = answer.get("result")?;
                let call = self.0.get(&(reply.session.0, reply.in_reply_to.0))?;
                // What a host's own method gives is the host's affair.
                (&reply.text, conforms(registry::find(call)?.result, result))
            }
            Effect::Tell(told) => {
                let message: Value = serde_json::from_str(&told.text).ok()?;
                let event = registry::EVENTS.iter().find(|event| message["method"] == event.name);
                let fits = event.is_some_and(|event| conforms(event.params, &message["params"]));
                (&told.text, fits)
            }
            _ => return None,
        };
        (!fits).then(|| text.clone())
    }
}
