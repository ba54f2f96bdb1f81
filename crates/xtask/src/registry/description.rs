//! The description of the bridge as JSON, for tools in other languages.

use minihost_protocol::declaration::{Call, Form, Member, Presence, Prompting};
use minihost_protocol::registry::{EVENTS, METHODS, RESERVED};
use minihost_protocol::{Reason, VersionRange, limits};
use serde_json::{Map, Value, json};

pub(super) fn text() -> String {
    let methods = METHODS.iter().map(|method| {
        json!({
            "name": method.name,
            "summary": method.summary,
            "call": match method.call {
                Call::Request => "request",
                Call::Notification => "notification",
            },
            "params": members(method.params),
            "result": members(method.result),
            "access": method.rule.access.as_str(),
            "scope": method.rule.scope,
            "mayPrompt": method.rule.prompting != Prompting::Never,
        })
    });
    let events = EVENTS.iter().map(|event| {
        json!({"name": event.name, "summary": event.summary, "params": members(event.params)})
    });
    let reasons = Reason::ALL.iter().map(|reason| {
        json!({
            "reason": reason,
            "summary": reason.summary(),
            "code": reason.code(),
            "retryable": reason.is_retryable(),
        })
    });
    let description = json!({
        "versions": VersionRange::SUPPORTED,
        "limits": limits::LIMITS,
        "reservedNames": RESERVED,
        "methods": methods.collect::<Vec<_>>(),
        "events": events.collect::<Vec<_>>(),
        "reasons": reasons.collect::<Vec<_>>(),
    });
    pretty(&description)
}

/// JSON as it lies in the tree.
pub(super) fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn members(members: &[Member<'_>]) -> Value {
    members.iter().map(member).collect()
}

fn member(member: &Member<'_>) -> Value {
    let mut described = Map::new();
    described.insert("name".into(), member.name.into());
    described.insert("required".into(), (member.presence == Presence::Required).into());
    described.insert("summary".into(), member.summary.into());
    let (form, detail) = form(member.form);
    described.insert("form".into(), form.into());
    described.extend(detail.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(described)
}

fn form(form: Form) -> (&'static str, Option<(&'static str, Value)>) {
    match form {
        Form::Text => ("text", None),
        Form::ShortText(limit) => ("text", Some(("characters", limit.into()))),
        Form::OneOf(texts) => ("oneOf", Some(("values", texts.into()))),
        Form::Scopes => ("scopes", None),
        Form::AnyScopes => ("anyScopes", None),
        Form::Challenge => ("challenge", None),
        Form::Texts => ("texts", None),
        Form::Whole => ("whole", None),
        Form::Flag => ("flag", None),
        Form::Time => ("time", None),
        Form::RequestId => ("requestId", None),
        Form::Object(inner) => ("object", Some(("members", members(inner)))),
        Form::Objects(inner) => ("objects", Some(("members", members(inner)))),
        Form::Table(texts) => ("table", Some(("values", texts.into()))),
        Form::Anything => ("anything", None),
    }
}
