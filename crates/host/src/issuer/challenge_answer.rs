//! Holding the challenge endpoint's answer against what was asked.

use minihost_core::{AuthorizationCode, ClientId, GrantId, IssuedCode, Issuer, Scope};
use serde::Deserialize;
use zeroize::Zeroize;

use super::{
    IssueError,
    code_checks::{is_visible_ascii, within},
    wanted::Wanted,
};

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
    let bad = |what| IssueError::BadAnswer { what };
    let body: Body = serde_json::from_slice(json)
        .map_err(|_| bad("it is not JSON in the form of a code response"))?;
    if body.client_id.as_deref() != Some(wanted.asked.client_id.as_str()) {
        return Err(IssueError::WrongClient);
    }
    if body.iss.as_deref().is_some_and(|iss| iss != issuer.as_str()) {
        return Err(IssueError::WrongIssuer);
    }
    if !is_visible_ascii(&body.authorization_code) {
        return Err(bad("the code is empty, too long, or not visible ASCII"));
    }
    if body.expires_in == Some(0) {
        return Err(bad("the code has expired already"));
    }
    if body.grant_id.as_deref().is_some_and(|id| !is_visible_ascii(id)) {
        return Err(bad("the grant id is empty, too long, or not visible ASCII"));
    }
    let scopes = body.scope.as_deref().map(Scope::parse_list);
    if let Some(scopes) = &scopes {
        within(scopes, wanted.scopes)?;
    }
    Ok(IssuedCode {
        code: AuthorizationCode::new(body.authorization_code.as_str()),
        client_id: ClientId::new(wanted.asked.client_id.as_str()),
        scopes,
        issuer: Some(issuer.clone()),
        expires_in: body.expires_in,
        grant_id: body.grant_id.as_deref().map(GrantId::new),
    })
}
