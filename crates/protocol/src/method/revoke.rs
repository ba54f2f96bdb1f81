//! `auth.revoke`: the page gives back what the user has granted it.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Params, ParamsResult};
use crate::declaration::{Call, Form, Member, Method, Rule};

/// The declaration.
pub const METHOD: Method = Method {
    name: "auth.revoke",
    summary: "Ends grants of the signed-in user to this program; at the authorization server too, once none remain.",
    call: Call::Request,
    params: &[Member::optional("scopes", Form::Scopes, "What to end; all where left out.")],
    result: &[
        Member::required("revokedScopes", Form::AnyScopes, "What was granted and is no more."),
        Member::required(
            "atServer",
            Form::Flag,
            "Whether the server has ended its codes and tokens too.",
        ),
    ],
    rule: Rule::QUIET,
};

/// The scopes to end; `None` where all are meant.
///
/// # Errors
/// `invalid_scope` or `invalid_request`.
pub fn scopes(params: &Map<String, Value>) -> ParamsResult<Option<Vec<String>>> {
    Ok(Params::check(&METHOD, params)?.texts("scopes"))
}

/// What the page gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Revoked<'a> {
    /// What was granted and is no more.
    pub revoked_scopes: Vec<&'a str>,
    /// Whether the server has ended its codes and tokens too.
    pub at_server: bool,
}
