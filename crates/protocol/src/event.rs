//! What a document is told without asking.

use serde::Serialize;

use crate::{
    declaration::{Event, Form, Member},
    method::{check_session::VALID, get_grants::GRANTS},
};

/// What the user has granted this program has changed.
pub const GRANTS_CHANGED: Event = Event {
    name: "auth.grantsChanged",
    summary: "What the signed-in user has granted this program has changed; all that holds now.",
    params: GRANTS,
};

/// The user came or went.
pub const SESSION_CHANGED: Event = Event {
    name: "auth.sessionChanged",
    summary: "What `auth.checkSession` would answer has changed. Never told to a program without a grant.",
    params: VALID,
};

/// The program came to the screen or left it.
pub const VISIBILITY_CHANGED: Event = Event {
    name: "host.visibilityChanged",
    summary: "The program came to the screen or left it.",
    params: &[Member::required("visible", Form::Flag, "Whether it is on screen now.")],
};

/// The parameters of [`VISIBILITY_CHANGED`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Visible {
    /// Whether the program is on screen now.
    pub visible: bool,
}
