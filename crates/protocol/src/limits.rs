//! How large a message may be. A page learns these in the answer to `host.initialize`.

use serde::Serialize;

/// The longest message, in bytes of UTF-8. Checked before anything is parsed.
pub const MESSAGE_BYTES: usize = 65_536;

/// The deepest nesting of arrays and objects; the message's own object is level 1.
pub const DEPTH: usize = 16;

/// The most object members in one message, at all depths together.
pub const MEMBERS: usize = 128;

/// The most requests of one document that may wait for their answer.
pub const PENDING: usize = 32;

/// The limits in the form in which `host.initialize` tells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    message_bytes: usize,
    depth: usize,
    members: usize,
    pending: usize,
}

/// What this version of the bridge allows.
pub const LIMITS: Limits =
    Limits { message_bytes: MESSAGE_BYTES, depth: DEPTH, members: MEMBERS, pending: PENDING };
