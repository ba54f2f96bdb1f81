//! Writing answers: one JSON-RPC 2.0 text each.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{Reason, RequestId, declaration::Event};

/// Why a request failed, in the form in which the page hears it.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What the mini-program decides on.
    pub reason: Reason,
    /// One English sentence for the mini-program's developer. Never the server's text.
    pub message: String,
    /// Seconds after which a retry makes sense, where that is known.
    pub retry_after: Option<u64>,
    /// Further members of `error.data`, such as `scopes` or `versions`.
    pub details: Map<String, Value>,
}

impl Failure {
    /// A failure with a reason and a sentence.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), retry_after: None, details: Map::new() }
    }

    /// Adds the number of seconds after which a retry makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Adds a member to `error.data`.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

/// The text of a successful answer.
pub fn success<T: Serialize>(id: &RequestId, result: &T) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Success<'a, T> {
        jsonrpc: &'static str,
        id: &'a RequestId,
        result: &'a T,
    }
    serde_json::to_string(&Success { jsonrpc: "2.0", id, result })
}

/// The text of an event: a notification from the host.
///
/// # Errors
/// The parameters cannot be written as JSON.
pub fn event<T: Serialize>(event: &Event, params: &T) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Notification<'a, T> {
        jsonrpc: &'static str,
        method: &'static str,
        params: &'a T,
    }
    serde_json::to_string(&Notification { jsonrpc: "2.0", method: event.name, params })
}

/// The text of an error answer to a request. `correlation_id` finds the same event in the host's log.
pub fn failure(id: &RequestId, failure: &Failure, correlation_id: &str) -> String {
    error_text(json!(id), failure.reason.code(), failure, correlation_id)
}

/// The text of an error answer with `id: null` and a code of its own.
pub(crate) fn refusal(code: i32, failure: &Failure, correlation_id: &str) -> String {
    error_text(Value::Null, code, failure, correlation_id)
}

fn error_text(id: Value, code: i32, failure: &Failure, correlation_id: &str) -> String {
    let mut data = failure.details.clone();
    data.insert("reason".into(), failure.reason.as_str().into());
    data.insert("retryable".into(), failure.reason.is_retryable().into());
    if let Some(seconds) = failure.retry_after {
        data.insert("retryAfter".into(), seconds.into());
    }
    data.insert("correlationId".into(), correlation_id.into());
    json!({
        "jsonrpc": "2.0",
        "id": id,
        "error": { "code": code, "message": failure.message, "data": data },
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_its_request() {
        let text = success(&RequestId::Text("a".into()), &json!({"ok": true})).unwrap();
        assert_eq!(text, r#"{"jsonrpc":"2.0","id":"a","result":{"ok":true}}"#);
    }

    #[test]
    fn an_error_carries_reason_retryability_and_correlation() {
        let told = Failure::new(Reason::Cooldown, "The user refused.").retry_after(30);
        let value: Value =
            serde_json::from_str(&failure(&RequestId::Number(7), &told, "c-1")).unwrap();
        assert_eq!(
            value,
            json!({"jsonrpc":"2.0","id":7,"error":{"code":-32000,"message":"The user refused.",
                "data":{"reason":"cooldown","retryable":true,"retryAfter":30,"correlationId":"c-1"}}})
        );
    }

    #[test]
    fn a_detail_cannot_stand_in_for_the_reason() {
        let told = Failure::new(Reason::Internal, "x").detail("reason", "user_denied");
        assert!(failure(&RequestId::Number(1), &told, "c").contains(r#""reason":"internal""#));
    }
}
