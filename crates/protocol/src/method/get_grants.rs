//! `auth.getGrants`: the page learns what the user has granted it.

use serde::Serialize;

use crate::declaration::{Call, Form, Member, Method, Rule};

/// The declaration.
pub const METHOD: Method = Method {
    name: "auth.getGrants",
    summary: "Tells what the signed-in user has granted this program; nothing where nobody is signed in.",
    call: Call::Request,
    params: &[],
    result: GRANTS,
    rule: Rule::QUIET,
};

/// What this method and the event `auth.grantsChanged` tell.
pub(crate) const GRANTS: &[Member<'static>] =
    &[Member::required("grants", Form::Objects(GRANT), "Every grant that still holds.")];

const GRANT: &[Member<'static>] = &[
    Member::required("scope", Form::Text, "The scope."),
    Member::optional("audience", Form::Text, "The resource that it was granted for."),
    Member::required("grantedAt", Form::Time, "When the user agreed."),
    Member::optional("expiresAt", Form::Time, "When it ends by itself."),
];

/// What the page gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grants<'a> {
    /// Every grant that still holds.
    pub grants: &'a [GrantInfo],
}

/// One grant, as its program may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantInfo {
    /// The scope.
    pub scope: String,
    /// The resource that it was granted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// When the user agreed, RFC 3339.
    pub granted_at: String,
    /// When it ends by itself, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}
