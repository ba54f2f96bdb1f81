//! One message of the bridge, checked for form.

use serde_json::{Map, Value};

use crate::{Failure, Reason, RequestId, reply, strict};

/// A well-formed message from a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Wants exactly one answer.
    Request(Request),
    /// Wants none.
    Notification(Notification),
}

/// A call of a method that gets exactly one answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The page's name for this call.
    pub id: RequestId,
    /// Which method.
    pub method: String,
    /// Its parameters by name; empty where the message had none.
    pub params: Map<String, Value>,
}

/// A call of a method that gets no answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// Which method.
    pub method: String,
    /// Its parameters by name; empty where the message had none.
    pub params: Map<String, Value>,
}

/// Why a text is not a message. Nothing in it can be trusted, its id included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    code: i32,
    reason: Reason,
    message: &'static str,
    retry_after: Option<u64>,
}

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;

impl Refusal {
    /// A request whose id another pending request of the same document has.
    pub const REUSED_ID: Refusal = malformed("Another pending request has this id.");

    /// A text that would be refused, from a program that sends more than it may.
    pub const TOO_FAST: Refusal = Refusal {
        code: Reason::Throttled.code(),
        reason: Reason::Throttled,
        message: "This mini-program sends messages too fast, and this one is malformed.",
        retry_after: Some(1),
    };

    /// The answer's text: `id: null`, and `invalid_request` or `throttled`.
    pub fn to_text(self, correlation_id: &str) -> String {
        let failure =
            Failure { retry_after: self.retry_after, ..Failure::new(self.reason, self.message) };
        reply::refusal(self.code, &failure, correlation_id)
    }
}

impl Message {
    /// Reads the text of one message.
    ///
    /// # Errors
    /// A [`Refusal`] for text that is no JSON-RPC 2.0 request or notification within
    /// [`crate::limits`]; batches (JSON-RPC 2.0 §6) are among the refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let value = strict::read(bytes, strict::Bounds::MESSAGE).map_err(Refusal::from)?;
        let Value::Object(mut envelope) = value else {
            return Err(malformed(match value {
                Value::Array(_) => "Batches are not supported: send one message each.",
                _ => "A message is a JSON object.",
            }));
        };
        if envelope.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(malformed("`jsonrpc` must be \"2.0\"."));
        }
        let Some(Value::String(method)) = envelope.remove("method") else {
            return Err(malformed("`method` must be a string."));
        };
        let params = match envelope.remove("params") {
            None => Map::new(),
            Some(Value::Object(params)) => params,
            Some(_) => return Err(malformed("`params` must be an object.")),
        };
        match envelope.get("id") {
            None => Ok(Self::Notification(Notification { method, params })),
            Some(id) => match RequestId::from_value(id) {
                Some(id) => Ok(Self::Request(Request { id, method, params })),
                None => Err(malformed(
                    "`id` must be a string of 1 to 64 characters or an integer in 0..2^53-1.",
                )),
            },
        }
    }
}

impl From<strict::Fault> for Refusal {
    fn from(fault: strict::Fault) -> Self {
        match fault {
            strict::Fault::TooLong => unparsable("The message is longer than 65536 bytes."),
            strict::Fault::NotJson => unparsable("The message is not UTF-8 JSON."),
            strict::Fault::Duplicate => malformed("An object has two members of one name."),
            strict::Fault::TooDeep => malformed("The message is nested deeper than 16 levels."),
            strict::Fault::TooManyMembers => malformed("The message has more than 128 members."),
        }
    }
}

const fn unparsable(message: &'static str) -> Refusal {
    Refusal { code: PARSE_ERROR, ..malformed(message) }
}

const fn malformed(message: &'static str) -> Refusal {
    Refusal { code: INVALID_REQUEST, reason: Reason::InvalidRequest, message, retry_after: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal_code(text: &str) -> i64 {
        let refused = Message::parse(text.as_bytes()).unwrap_err().to_text("c");
        let value: Value = serde_json::from_str(&refused).unwrap();
        assert_eq!(value["id"], Value::Null);
        assert_eq!(value["error"]["data"]["reason"], "invalid_request");
        value["error"]["code"].as_i64().unwrap()
    }

    #[test]
    fn a_request_and_a_notification_are_told_apart_by_the_id() {
        let request =
            Message::parse(br#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1}}"#).unwrap();
        assert!(matches!(request, Message::Request(Request { id: RequestId::Number(1), .. })));
        let notification = Message::parse(br#"{"jsonrpc":"2.0","method":"m"}"#).unwrap();
        assert!(matches!(notification, Message::Notification(_)));
    }

    #[test]
    fn text_that_is_no_json_is_a_parse_error() {
        assert_eq!(refusal_code("{"), -32700);
        assert_eq!(refusal_code(&"x".repeat(70_000)), -32700);
    }

    #[test]
    fn json_that_is_no_message_is_an_invalid_request() {
        for text in [
            "[]",
            "3",
            r#"[{"jsonrpc":"2.0","id":1,"method":"m"}]"#,
            r#"{"id":1,"method":"m"}"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"m"}"#,
            r#"{"jsonrpc":"2.0","id":1}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"m"}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"m"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}"#,
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"m"}"#,
        ] {
            assert_eq!(refusal_code(text), -32600, "{text}");
        }
    }
}
