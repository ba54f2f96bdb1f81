//! `auth.checkSession`: the page asks whether the user it knows is still there.

use serde::Serialize;

use crate::declaration::{Call, Form, Member, Method, Rule};

/// The declaration.
pub const METHOD: Method = Method {
    name: "auth.checkSession",
    summary: "Tells whether a user is signed in who has granted this program something; without a grant it tells nothing but `false`.",
    call: Call::Request,
    params: &[],
    result: VALID,
    rule: Rule::QUIET,
};

/// What this method and the event `auth.sessionChanged` tell.
pub(crate) const VALID: &[Member<'static>] = &[Member::required(
    "valid",
    Form::Flag,
    "Whether a user is signed in who has granted this program something.",
)];

/// What the page gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Whether a user is signed in who has granted the program something.
    pub valid: bool,
}
