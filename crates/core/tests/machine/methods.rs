//! What the host's own methods give.

use minihost_protocol::limits::MESSAGE_BYTES;
use minihost_testkit::transcript::play;
use serde_json::{Value, json};

#[test]
fn a_result_is_delivered_as_long_as_a_message_may_be() {
    let give = |length: usize, message: Value| {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "acme.print", "params": {}});
        let history = json!({
            "title": "", "host": {"methods": [{"name": "acme.print", "result": {"text": "text"}}]},
            "steps": [
                {"in": {"ready": {"session": 1, "program": "teahouse"}}},
                {"in": {"message": {"session": 1, "program": "teahouse", "document": 1, "to": 1, "text": call}},
                 "out": [{"call": {"ticket": 1}}]},
                {"in": {"returned": {"ticket": 1, "result": {"text": "x".repeat(length)}}},
                 "out": [{"reply": {"to": 1, "message": message}}]},
            ],
        });
        play(&serde_json::from_value(history).unwrap())
    };
    let around = r#"{"jsonrpc":"2.0","id":1,"result":{"text":""}}"#.len();
    assert_eq!(give(MESSAGE_BYTES - around, json!({"result": {"text": "*"}})), Ok(()));
    let refused = json!({"error": {"data": {"reason": "internal"}}});
    assert_eq!(give(MESSAGE_BYTES - around + 1, refused), Ok(()));
}
