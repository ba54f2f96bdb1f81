//! Histories as JSON: what goes in, what must come out.
//!
//! A transcript is `{"title": …, "audit": bool?, "steps": [{"in": …, "out": […]}]}`. Each step
//! feeds one input (`"times"` over, where that is given) and names every effect that follows, in order, as a pattern
//! ([`matches()`]). Audit events are left out unless `audit` is true. An input is
//! an object with one member:
//!
//! | member | value |
//! |---|---|
//! | `ready` | `{"session": 1, "program": "teahouse"}`: alice is signed in, the program open, its document 1 initialised; no effects are named |
//! | `user` | `"alice"`, `"bob"` or `null` |
//! | `open` | `{"session": 1, "program": "teahouse"}` |
//! | `document` | `{"session": 1, "document": 1}` |
//! | `visible` | `{"session": 1, "visible": false}` |
//! | `message` | `{"session": 1, "document": 1, "to": 1, "program": …, "origin"?, "mainFrame"?, "capability"?, "visible"?, "gestureAgeMs"?, "text": JSON or string}` |
//! | `close` | `{"session": 1}` |
//! | `answer` | `{"prompt": 1, "allow": [scopes], "remember"?: "once"}`, `{"prompt": 1, "deny": true}` or `{"prompt": 1, "dismiss": true}` |
//! | `saved` | `{"save": 1, "stored": true}` |
//! | `issued` | `{"ticket": 1, "code": …, "clientId": …, "scopes"?, "iss"?, "expiresIn"?, "grantId"?}` or `{"ticket": 1, "failed": reason, "retryAfter"?}` |
//! | `advance` | seconds |
//! | `settings`, `signInEnded`, `shutDown` | `true` |
//! | `locale` | a tag |

use std::time::Duration;

use minihost_core::{
    AuthorizationCode, CallContext, Capability, Choice, ClientId, DocumentId, Effect, Frame,
    GrantId, Input, IssueFailure, IssuedCode, Issuer, Locale, PromptId, Remember, ReplyToken,
    SaveId, SaveOutcome, Scope, SessionId, Ticket, Visibility,
};
use minihost_protocol::Reason;
use serde::Deserialize;
use serde_json::Value;

use crate::{Machine, alice, bob, call, initialize, manifest, matches, render};

/// One history.
#[derive(Debug, Deserialize)]
pub struct Transcript {
    /// What it shows, as a sentence.
    pub title: String,
    #[serde(default)]
    audit: bool,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
struct Step {
    #[serde(rename = "in")]
    input: Value,
    #[serde(default)]
    out: Vec<Value>,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

/// Plays a history against a fresh machine.
///
/// # Errors
/// A text that says at which step what came differs from what was expected.
pub fn play(transcript: &Transcript) -> Result<(), String> {
    let mut machine = Machine::default();
    let steps = transcript.steps.iter().enumerate();
    for (index, step) in steps.flat_map(|step| (0..step.1.times).map(move |_| step)) {
        let effects = feed(&mut machine, &step.input)
            .ok_or_else(|| format!("step {index}: not an input: {}", step.input))?;
        let kept = |effect: &&Effect| transcript.audit || !matches!(effect, Effect::Audit(_));
        let came: Vec<Value> = effects.iter().filter(kept).map(render).collect();
        let expected = Value::Array(step.out.clone());
        if !matches(&expected, &Value::Array(came.clone())) {
            let came = serde_json::to_string_pretty(&came).unwrap_or_default();
            let expected = serde_json::to_string_pretty(&expected).unwrap_or_default();
            return Err(format!(
                "“{}”, step {index}: {}\nexpected {expected}\ncame {came}",
                transcript.title, step.input
            ));
        }
    }
    Ok(())
}

fn feed(machine: &mut Machine, input: &Value) -> Option<Vec<Effect>> {
    let (kind, value) = input.as_object()?.iter().next()?;
    if !is_spelled_right(kind, value) {
        return None;
    }
    Some(match kind.as_str() {
        "ready" => {
            ready(machine, session(value)?, value["program"].as_str()?);
            Vec::new()
        }
        "user" => machine.feed(Input::UserChanged(match value.as_str() {
            Some("alice") => Some(alice()),
            Some("bob") => Some(bob()),
            _ => None,
        })),
        "open" => machine.open(session(value)?, manifest(value["program"].as_str()?)),
        "document" => machine.feed(Input::DocumentStarted {
            session: session(value)?,
            document: DocumentId(value["document"].as_u64()?),
        }),
        "visible" => machine.feed(Input::VisibilityChanged {
            session: session(value)?,
            visibility: visibility(value.get("visible")),
        }),
        "message" => {
            let text = match &value["text"] {
                Value::String(raw) => raw.clone(),
                json => json.to_string(),
            };
            machine.receive(session(value)?, context(value)?, &text)
        }
        "close" => machine.feed(Input::Closed { session: session(value)? }),
        "answer" => machine.feed(Input::Answered {
            prompt: PromptId(value["prompt"].as_u64()?),
            choice: choice(value)?,
        }),
        "saved" => machine.feed(Input::GrantsSaved {
            save: SaveId(value["save"].as_u64()?),
            outcome: match value["stored"].as_bool()? {
                true => SaveOutcome::Stored,
                false => SaveOutcome::Failed,
            },
        }),
        "issued" => machine.feed(Input::CodeIssued {
            ticket: Ticket(value["ticket"].as_u64()?),
            outcome: outcome(value)?,
        }),
        "advance" => machine.advance(Duration::from_secs_f64(value.as_f64()?)),
        "settings" => machine.feed(Input::SettingsOpened),
        "signInEnded" => machine.feed(Input::SignInEnded),
        "locale" => machine.feed(Input::LocaleChanged(Locale::new(value.as_str()?))),
        "shutDown" => machine.feed(Input::ShutDown),
        _ => return None,
    })
}

/// Whether every member of an input is one that is read: a slip of the pen must not weaken a step.
fn is_spelled_right(kind: &str, value: &Value) -> bool {
    let known: &[&str] = match kind {
        "ready" | "open" => &["session", "program"],
        "document" => &["session", "document"],
        "visible" => &["session", "visible"],
        "message" => &[
            "session",
            "program",
            "document",
            "to",
            "text",
            "origin",
            "mainFrame",
            "capability",
            "visible",
            "gestureAgeMs",
        ],
        "close" => &["session"],
        "answer" => &["prompt", "allow", "remember", "deny", "dismiss"],
        "saved" => &["save", "stored"],
        "issued" => &[
            "ticket",
            "code",
            "clientId",
            "scopes",
            "iss",
            "expiresIn",
            "grantId",
            "failed",
            "retryAfter",
        ],
        _ => &[],
    };
    value
        .as_object()
        .is_none_or(|members| members.keys().all(|name| known.contains(&name.as_str())))
}

fn ready(machine: &mut Machine, session: SessionId, program: &str) {
    let document = DocumentId(1);
    machine.feed(Input::UserChanged(Some(alice())));
    machine.open(session, manifest(program));
    machine.feed(Input::DocumentStarted { session, document });
    machine.receive(session, call(program, document, ReplyToken(0)), &initialize(0).to_string());
}

fn session(value: &Value) -> Option<SessionId> {
    Some(SessionId(value["session"].as_u64()?))
}

fn visibility(value: Option<&Value>) -> Visibility {
    match value.and_then(Value::as_bool) {
        Some(false) => Visibility::Hidden,
        _ => Visibility::Visible,
    }
}

fn context(value: &Value) -> Option<CallContext> {
    let document = DocumentId(value["document"].as_u64()?);
    let token = ReplyToken(value["to"].as_u64()?);
    let mut context = call(value["program"].as_str()?, document, token);
    if let Some(origin) = value.get("origin") {
        context.origin = origin.as_str().map(str::to_owned);
    }
    if let Some(main_frame) = value.get("mainFrame") {
        context.frame = match main_frame.as_bool() {
            Some(true) => Frame::Main,
            Some(false) => Frame::Sub,
            None => Frame::Unknown,
        };
    }
    if value["capability"].as_bool() == Some(true) {
        context.capability = Capability::Held;
    }
    context.visibility = visibility(value.get("visible"));
    if let Some(age) = value.get("gestureAgeMs") {
        context.gesture_age = age.as_u64().map(Duration::from_millis);
    }
    Some(context)
}

fn scopes(value: &Value) -> Option<std::collections::BTreeSet<Scope>> {
    value.as_array()?.iter().map(|scope| scope.as_str().map(Scope::new)).collect()
}

fn choice(value: &Value) -> Option<Choice> {
    if value["deny"].as_bool() == Some(true) {
        return Some(Choice::Deny);
    }
    if value["dismiss"].as_bool() == Some(true) {
        return Some(Choice::Dismiss);
    }
    let remember = match value["remember"].as_str() {
        Some("once") => Remember::Once,
        Some("until revoked") => Remember::UntilRevoked,
        _ => Remember::ThirtyDays,
    };
    Some(Choice::Allow { scopes: scopes(&value["allow"])?, remember })
}

fn outcome(value: &Value) -> Option<Result<IssuedCode, IssueFailure>> {
    if let Some(failed) = value["failed"].as_str() {
        let reason = *Reason::ALL.iter().find(|reason| reason.as_str() == failed)?;
        return Some(Err(IssueFailure { reason, retry_after: value["retryAfter"].as_u64() }));
    }
    Some(Ok(IssuedCode {
        code: AuthorizationCode::new(value["code"].as_str()?),
        client_id: ClientId::new(value["clientId"].as_str()?),
        scopes: value.get("scopes").and_then(scopes),
        issuer: value["iss"].as_str().map(Issuer::new),
        expires_in: value["expiresIn"].as_u64(),
        grant_id: value["grantId"].as_str().map(GrantId::new),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn played(steps: Value) -> Result<(), String> {
        play(&serde_json::from_value(json!({"title": "t", "steps": steps})).unwrap())
    }

    #[test]
    fn a_step_that_differs_and_a_member_that_nobody_reads_are_faults() {
        let ready = json!({"in": {"ready": {"session": 1, "program": "teahouse"}}});
        let garbage = |text: &str, out: Value| {
            json!({"in": {"message": {"session": 1, "program": "teahouse", "document": 1, "to": 1,
                "text": text}}, "out": out})
        };
        let settled = json!([{"settle": {"session": 1, "to": 1}}]);
        let cancel = r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#;
        assert_eq!(played(json!([ready, garbage(cancel, settled.clone())])), Ok(()));
        assert!(played(json!([ready, garbage("{", settled)])).is_err());
        assert!(played(json!([ready, garbage(cancel, json!([]))])).is_err());
        assert!(played(json!([{"in": {"close": {"sesion": 1}}}])).is_err());
        assert!(played(json!([{"in": {"explode": true}}])).is_err());
    }
}
