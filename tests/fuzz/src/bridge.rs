//! The decoder of the bridge, and the readers of parameters behind it.

use std::collections::BTreeSet;

use minihost_protocol::{
    Message, Notification, Request, RequestId, limits,
    method::{cancel_request, initialize, request_code, request_code::RequestCode},
};
use serde_json::{Map, Value, json};

/// What is taken for a message is one, within every limit, and says the same when written anew. What
/// is refused gets an answer without an id.
pub(crate) fn check(bytes: &[u8]) {
    match Message::parse(bytes) {
        Ok(message) => {
            let value: Value = serde_json::from_slice(bytes).expect("a message is JSON");
            assert!(bytes.len() <= limits::MESSAGE_BYTES);
            let (depth, members) = size(&value);
            assert!(depth <= limits::DEPTH && members <= limits::MEMBERS, "{depth} {members}");
            assert_eq!(value["jsonrpc"], "2.0");
            let params = match &message {
                Message::Request(request) => {
                    check_id(&request.id, &value["id"]);
                    &request.params
                }
                Message::Notification(notification) => {
                    assert!(value.get("id").is_none());
                    &notification.params
                }
            };
            let again = written(&message);
            let again = Message::parse(again.as_bytes()).expect("what is written can be read");
            assert_eq!(without_fractions(again), without_fractions(message.clone()));
            check_params(params);
        }
        Err(refusal) => {
            let text = refusal.to_text("correlation");
            let answer: Value = serde_json::from_str(&text).expect("an answer is JSON");
            assert_eq!(answer["id"], Value::Null);
            assert_eq!(answer["error"]["data"]["reason"], "invalid_request");
            let code = answer["error"]["code"].as_i64();
            assert!(matches!(code, Some(-32700 | -32600)), "{code:?}");
            let too_long = bytes.len() > limits::MESSAGE_BYTES;
            let is_json = || serde_json::from_slice::<Value>(bytes).is_ok();
            assert!(code != Some(-32700) || too_long || !is_json(), "it is JSON after all");
        }
    }
}

fn written(message: &Message) -> String {
    match message {
        Message::Request(request) => json!({
            "jsonrpc": "2.0",
            "id": request.id,
            "method": request.method,
            "params": request.params,
        }),
        Message::Notification(notification) => json!({
            "jsonrpc": "2.0",
            "method": notification.method,
            "params": notification.params,
        }),
    }
    .to_string()
}

/// The parser reads fractions to within their last digit, and so not always as it wrote them. No method
/// takes one.
fn without_fractions(mut message: Message) -> Message {
    let (Message::Request(Request { params, .. })
    | Message::Notification(Notification { params, .. })) = &mut message;
    params.values_mut().for_each(drop_fractions);
    message
}

fn drop_fractions(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => *value = Value::Null,
        Value::Array(items) => items.iter_mut().for_each(drop_fractions),
        Value::Object(members) => members.values_mut().for_each(drop_fractions),
        _ => {}
    }
}

fn check_id(id: &RequestId, written: &Value) {
    match id {
        RequestId::Text(text) => assert!((1..=64).contains(&text.chars().count())),
        RequestId::Number(number) => assert!(*number < 1 << 53),
    }
    assert_eq!(json!(id), *written);
}

fn check_params(params: &Map<String, Value>) {
    let _ = initialize::versions(params);
    if let Some(id) = cancel_request::target(params) {
        check_id(&id, &params["id"]);
    }
    let Ok(read) = RequestCode::read(params) else { return };
    assert!((1..=32).contains(&read.scopes.len()));
    assert!(read.scopes.iter().all(|scope| request_code::is_scope_token(scope)));
    assert_eq!(read.scopes.iter().collect::<BTreeSet<_>>().len(), read.scopes.len());
    assert_eq!(read.code_challenge.len(), 43);
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    assert!(read.code_challenge.bytes().all(is_base64url));
    assert_eq!(params["codeChallengeMethod"], "S256");
    assert!(read.state.is_none_or(|state| state.chars().count() <= 1024));
    assert!(read.nonce.is_none_or(|nonce| nonce.chars().count() <= 256));
}

fn size(value: &Value) -> (usize, usize) {
    let (depth, members, own) = match value {
        Value::Array(items) => {
            let inner = items.iter().map(size);
            let (depth, members) = inner.fold((0, 0), |a, b| (a.0.max(b.0), a.1 + b.1));
            (depth + 1, members, 0)
        }
        Value::Object(object) => {
            let inner = object.values().map(size);
            let (depth, members) = inner.fold((0, 0), |a, b| (a.0.max(b.0), a.1 + b.1));
            (depth + 1, members, object.len())
        }
        _ => (0, 0, 0),
    };
    (depth, members + own)
}
