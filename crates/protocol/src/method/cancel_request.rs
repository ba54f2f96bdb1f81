//! `$/cancelRequest`, a notification: that request still gets its one reply, `aborted`.

use serde_json::{Map, Value};

use crate::RequestId;

/// The method's name.
pub const METHOD: &str = "$/cancelRequest";

/// The id of the request to cancel; `None` where the notification names none, which is ignored
/// because a notification has nobody to tell.
pub fn target(params: &Map<String, Value>) -> Option<RequestId> {
    RequestId::from_value(params.get("id")?)
}
