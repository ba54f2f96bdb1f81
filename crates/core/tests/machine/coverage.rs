//! The histories in `tests/vectors` show every method, event, reason and limit that the registry has.

use std::{fs, path::Path};

use minihost_protocol::{
    Reason,
    declaration::{Call, Form, Member},
    limits, registry,
};
use serde_json::Value;

/// One message of a page, with what the history says of its answer.
struct Said {
    text: Value,
    bytes: usize,
    /// `None` where it waits, or has no answer.
    answer: Option<Value>,
}

impl Said {
    fn code(&self) -> Option<i64> {
        self.answer.as_ref()?["error"]["code"].as_i64()
    }

    fn is_malformed(&self) -> bool {
        self.code() == Some(-32700) || self.code() == Some(-32600)
    }

    fn has_wrong_params(&self) -> bool {
        let reason = self.answer.as_ref().map(|answer| &answer["error"]["data"]["reason"]);
        reason.is_some_and(|reason| reason == "invalid_request" || reason == "invalid_scope")
    }

    fn method(&self) -> &str {
        self.text["method"].as_str().unwrap_or_default()
    }
}

fn histories() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let json = files.filter(|path| path.extension().is_some_and(|it| it == "json"));
    json.flat_map(|path| {
        serde_json::from_str::<Vec<Value>>(&fs::read_to_string(path).unwrap()).unwrap()
    })
    .collect()
}

fn steps(history: &Value) -> impl Iterator<Item = &Value> {
    history["steps"].as_array().into_iter().flatten()
}

/// Everything under this name that histories expect to come out.
fn expected(name: &str) -> Vec<Value> {
    let outs: Vec<Value> = histories()
        .iter()
        .flat_map(|history| steps(history).cloned().collect::<Vec<_>>())
        .flat_map(|step| step["out"].as_array().cloned().unwrap_or_default())
        .collect();
    outs.into_iter().filter_map(|out| out.get(name).cloned()).collect()
}

fn said() -> Vec<Said> {
    let said_in = |history: &Value| {
        let spoken = steps(history).filter(|step| step["in"].get("message").is_some());
        spoken.map(said_at).collect::<Vec<_>>()
    };
    histories().iter().flat_map(said_in).collect()
}

fn said_at(step: &Value) -> Said {
    let message = &step["in"]["message"];
    let (text, length) = match &message["text"] {
        Value::String(raw) => (serde_json::from_str(raw).unwrap_or_default(), raw.len()),
        json => (json.clone(), json.to_string().len()),
    };
    let bytes = message["padTo"].as_u64().map_or(length, |bytes| bytes as usize);
    let outs = step["out"].as_array().into_iter().flatten();
    let answer = outs
        .filter_map(|out| out.get("reply"))
        .find(|reply| reply.get("to").is_none_or(|to| *to == message["to"]));
    Said { text, bytes, answer: answer.map(|reply| reply["message"].clone()) }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn members(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(members).sum(),
        Value::Object(map) => map.len() + map.values().map(members).sum::<usize>(),
        _ => 0,
    }
}

#[test]
fn every_method_is_called_and_answered() {
    let said = said();
    let results = expected("reply");
    for method in registry::METHODS {
        let calls = || said.iter().filter(|said| said.method() == method.name);
        assert!(calls().next().is_some(), "{} is not called", method.name);
        let answered = || {
            calls().any(|call| call.answer.as_ref().is_some_and(|it| it.get("result").is_some()))
                // One that the user or the server must answer first.
                || results.iter().any(|reply| {
                    let result = &reply["message"]["result"];
                    method.result.iter().any(|member| result.get(member.name).is_some())
                })
                || (method.result.is_empty()
                    && results.iter().any(|reply| reply["message"]["result"] == serde_json::json!({})))
        };
        assert!(method.call == Call::Notification || answered(), "{} has no result", method.name);
    }
}

#[test]
fn every_event_is_told() {
    let told = expected("tell");
    for event in registry::EVENTS {
        let is_told = told.iter().any(|told| told["message"]["method"] == event.name);
        assert!(is_told, "{} is not told", event.name);
    }
}

#[test]
fn every_reason_of_a_host_is_given() {
    let replies = expected("reply");
    for reason in Reason::ALL {
        let is_given = replies
            .iter()
            .any(|reply| reply["message"]["error"]["data"]["reason"] == reason.as_str());
        let is_the_pages = reason.summary().contains("Given by the page side alone.");
        assert!(is_given != is_the_pages, "{}", reason.as_str());
    }
}

#[test]
fn every_limit_of_a_message_is_reached_and_passed() {
    let said = said();
    let held_to = |name: &str, limit: usize, measure: fn(&Said) -> usize| {
        let reached = said.iter().any(|said| measure(said) == limit && !said.is_malformed());
        let passed = said.iter().any(|said| measure(said) == limit + 1 && said.is_malformed());
        assert!(reached && passed, "{name}: reached {reached}, passed {passed}");
    };
    held_to("bytes", limits::MESSAGE_BYTES, |said| said.bytes);
    held_to("depth", limits::DEPTH, |said| depth(&said.text));
    held_to("members", limits::MEMBERS, |said| members(&said.text));
}

#[test]
fn every_limit_of_waiting_requests_is_reached_and_passed() {
    let passed = histories().iter().any(|history| {
        let mut waiting = 0;
        steps(history).filter(|step| step["in"].get("message").is_some()).any(|step| {
            let said = said_at(step);
            let reason = said.answer.as_ref().map(|it| it["error"]["data"]["reason"].clone());
            waiting += usize::from(said.answer.is_none() && said.text.get("id").is_some());
            waiting == limits::PENDING && reason.is_some_and(|reason| reason == "throttled")
        })
    });
    assert!(passed);
}

#[test]
fn every_limit_of_a_parameter_is_reached_and_passed() {
    let said = said();
    for method in registry::METHODS {
        let calls: Vec<&Said> = said.iter().filter(|said| said.method() == method.name).collect();
        for (path, form) in bounded(method.params, String::new()) {
            let value = |said: &Said| said.text["params"].pointer(&path).cloned();
            let values = || calls.iter().filter_map(|said| Some((*said, value(said)?)));
            for at_limit in edges(form) {
                let reached = values().any(|(said, value)| {
                    at_limit(&value, Edge::Within) && !said.has_wrong_params()
                });
                let passed = values()
                    .any(|(said, value)| at_limit(&value, Edge::Beyond) && said.has_wrong_params());
                assert!(
                    reached && passed,
                    "{}{path}: reached {reached}, passed {passed}",
                    method.name
                );
            }
        }
    }
}

#[test]
fn every_limit_of_an_id_is_reached_and_passed() {
    let said = said();
    let of_length = |length: usize| {
        move |id: &Value| id.as_str().is_some_and(|id| id.chars().count() == length)
    };
    let any = |fits: &dyn Fn(&Value) -> bool, malformed: bool| {
        said.iter()
            .any(|said| said.text.get("id").is_some_and(fits) && said.is_malformed() == malformed)
    };
    assert!(any(&of_length(64), false) && any(&of_length(65), true) && any(&of_length(0), true));
    assert!(any(&|id| *id == (1_u64 << 53) - 1, false) && any(&|id| *id == 1_u64 << 53, true));
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Within,
    Beyond,
}

type AtEdge = Box<dyn Fn(&Value, Edge) -> bool>;

/// Parameters with a limit, by JSON pointer.
fn bounded(declared: &[Member<'_>], above: String) -> Vec<(String, Form)> {
    declared
        .iter()
        .flat_map(|member| {
            let path = format!("{above}/{}", member.name);
            match member.form {
                Form::Object(inner) | Form::Objects(inner) => bounded(inner, path),
                form => vec![(path, form)],
            }
        })
        .collect()
}

/// Each limit that a form has.
fn edges(form: Form) -> Vec<AtEdge> {
    let length_of = |limit: usize| -> AtEdge {
        Box::new(move |value, edge| {
            let length = value.as_str().map(|text| text.chars().count());
            length == Some(limit + usize::from(edge == Edge::Beyond))
        })
    };
    match form {
        Form::ShortText(limit) => vec![length_of(limit)],
        Form::Challenge => vec![
            length_of(43),
            Box::new(|value, edge| {
                value.as_str().map(str::len) == Some(43 - usize::from(edge == Edge::Beyond))
            }),
        ],
        Form::Scopes => vec![
            Box::new(|value, edge| {
                let count = value.as_array().map(Vec::len);
                count == Some(32 + usize::from(edge == Edge::Beyond))
            }),
            Box::new(|value, edge| {
                let longest = value.as_array().into_iter().flatten().filter_map(Value::as_str);
                longest.map(str::len).max() == Some(128 + usize::from(edge == Edge::Beyond))
            }),
        ],
        // The id of a cancelled request is held against the limits of all ids.
        Form::RequestId
        | Form::Text
        | Form::OneOf(_)
        | Form::AnyScopes
        | Form::Texts
        | Form::Whole
        | Form::Flag
        | Form::Time
        | Form::Object(_)
        | Form::Objects(_)
        | Form::Table(_)
        | Form::Anything => Vec::new(),
    }
}
