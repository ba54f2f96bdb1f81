//! Holding the challenge endpoint's answer against what was asked.

use minihost_core::{AuthorizationCode, ClientId, CodeRequest, GrantId, IssuedCode, Issuer, Scope};
use serde::Deserialize;
use zeroize::Zeroize;

use super::IssueError;
use crate::http::Refusal;

/// The longest code, grant id or scope that is taken.
const LONGEST: usize = 4096;

/// What an attempt leads to other than a code.
pub(super) enum Setback {
    /// The user's token will not do.
    UserToken,
    /// The server does not know the session.
    Session,
    /// It is over.
    Final(IssueError),
}

/// Sorts a refusal.
pub(super) fn setback(refusal: &Refusal) -> Setback {
    let host_rejected = |error| Setback::Final(IssueError::HostRejected { error });
    let done = Setback::Final;
    match refusal.error.as_str() {
        "insufficient_authorization" | "invalid_token" | "invalid_grant" => Setback::UserToken,
        "invalid_session" => Setback::Session,
        "access_denied" => done(IssueError::AccessDenied),
        "consent_required" => done(IssueError::ConsentRequired),
        "interaction_required" => done(IssueError::InteractionRequired),
        "login_required" => done(IssueError::LoginRequired),
        "account_selection_required" => done(IssueError::AccountSelectionRequired),
        "redirect_to_web" => done(IssueError::RedirectToWeb { page: None }),
        "invalid_scope" => done(IssueError::InvalidScope),
        "unauthorized_client" => done(IssueError::UnauthorizedClient),
        "invalid_client" => host_rejected("invalid_client"),
        "invalid_request" => host_rejected("invalid_request"),
        "unsupported_response_type" => host_rejected("unsupported_response_type"),
        "invalid_target" => host_rejected("invalid_target"),
        _ if refusal.status == 401 => Setback::UserToken,
        _ => done(IssueError::BadAnswer { what: "its error code is unknown" }),
    }
}

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
    request: &CodeRequest,
    issuer: &Issuer,
) -> Result<IssuedCode, IssueError> {
    let bad = |what| IssueError::BadAnswer { what };
    let body: Body = serde_json::from_slice(json)
        .map_err(|_| bad("it is not JSON in the form of a code response"))?;
    if body.client_id.as_deref() != Some(request.asked().client_id.as_str()) {
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
        if scopes.is_empty() {
            return Err(bad("it grants no scope"));
        }
        if !scopes.is_subset(request.scopes()) {
            return Err(IssueError::ScopeWiderThanAsked);
        }
    }
    Ok(IssuedCode {
        code: AuthorizationCode::new(body.authorization_code.as_str()),
        client_id: ClientId::new(request.asked().client_id.as_str()),
        scopes,
        issuer: Some(issuer.clone()),
        expires_in: body.expires_in,
        grant_id: body.grant_id.as_deref().map(GrantId::new),
    })
}

/// RFC 6749 §A.11 for codes.
fn is_visible_ascii(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}
