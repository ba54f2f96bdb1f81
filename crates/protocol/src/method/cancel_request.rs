//! `$/cancelRequest`, a notification: that request still gets its one reply, `aborted`.

use serde_json::{Map, Value};

use crate::{
    RequestId,
    declaration::{Call, Form, Member, Method, Rule},
};

/// The declaration.
pub const METHOD: Method = Method {
    name: "$/cancelRequest",
    summary: "Gives a pending request up; it still gets its one answer, with the reason `aborted`.",
    call: Call::Notification,
    params: &[Member::required("id", Form::RequestId, "The request's id.")],
    result: &[],
    rule: Rule::QUIET,
};

/// The id of the request to cancel; `None` where the notification names none, which is ignored
/// because a notification has nobody to tell.
pub fn target(params: &Map<String, Value>) -> Option<RequestId> {
    RequestId::from_value(params.get("id")?)
}
