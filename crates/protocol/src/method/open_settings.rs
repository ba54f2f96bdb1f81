//! `host.openSettings`: the page sends the user to the host's own settings.

use serde::Serialize;

use crate::declaration::{Access, Call, Method, Prompting, Rule};

/// The declaration.
pub const METHOD: Method = Method {
    name: "host.openSettings",
    summary: "Shows the user what this program was granted, in the host's own settings; answered once they are on screen.",
    call: Call::Request,
    params: &[],
    result: &[],
    rule: Rule { access: Access::WithSettingsPage, scope: None, prompting: Prompting::Possible },
};

/// What the page gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {}
