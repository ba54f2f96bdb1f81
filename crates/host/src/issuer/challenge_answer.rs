//! Holding the challenge endpoint's answer against what was asked.

use minihost_core::{IssuedCode, Issuer, Scope};
use serde::Deserialize;
use zeroize::Zeroize;

use super::{IssueError, code_checks::CodeAnswer, wanted::Wanted};

#[derive(Deserialize)]
struct Body {
    authorization_code: String,
    client_id: Option<String>,
    expires_in: Option<u64>,
    scope: Option<String>,
    grant_id: Option<String>,
    iss: Option<String>,
}

impl Drop for Body {
    fn drop(&mut self) {
        self.authorization_code.zeroize();
    }
}

/// Reads the code. One that does not fit the request is dropped.
pub(super) fn read(
    json: &[u8],
    wanted: &Wanted<'_>,
    issuer: &Issuer,
) -> Result<IssuedCode, IssueError> {
    let what = "it is not JSON in the form of a code response";
    let body: Body = serde_json::from_slice(json).map_err(|_| IssueError::BadAnswer { what })?;
    let answer = CodeAnswer {
        code: &body.authorization_code,
        client_id: body.client_id.as_deref(),
        iss: body.iss.as_deref(),
        scopes: body.scope.as_deref().map(Scope::parse_list),
        expires_in: body.expires_in,
        grant_id: body.grant_id.as_deref(),
    };
    answer.fitting(wanted, issuer)
}
