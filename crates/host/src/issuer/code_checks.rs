//! What every code and its scopes must hold to, whichever profile brought them.

use std::collections::BTreeSet;

use minihost_core::{AuthorizationCode, ClientId, GrantId, IssuedCode, Issuer, Scope};

use super::{IssueError, wanted::Wanted};

/// The longest code, grant id or scope that is taken.
const LONGEST: usize = 4096;

/// What a JSON answer says of a code, whatever it calls its members.
pub(super) struct CodeAnswer<'a> {
    pub(super) code: &'a str,
    pub(super) client_id: Option<&'a str>,
    pub(super) iss: Option<&'a str>,
    /// `None`: as asked.
    pub(super) scopes: Option<BTreeSet<Scope>>,
    pub(super) expires_in: Option<u64>,
    pub(super) grant_id: Option<&'a str>,
}

impl CodeAnswer<'_> {
    /// Holds the answer against what was asked. A code that does not fit is dropped.
    pub(super) fn fitting(
        self,
        wanted: &Wanted<'_>,
        issuer: &Issuer,
    ) -> Result<IssuedCode, IssueError> {
        let bad = |what| IssueError::BadAnswer { what };
        let client_id = wanted.asked.client_id.as_str();
        if self.client_id != Some(client_id) {
            return Err(IssueError::WrongClient);
        }
        if self.iss.is_some_and(|iss| iss != issuer.as_str()) {
            return Err(IssueError::WrongIssuer);
        }
        let code = usable(self.code)?;
        if self.expires_in == Some(0) {
            return Err(bad("the code has expired already"));
        }
        if self.grant_id.is_some_and(|id| !is_visible_ascii(id)) {
            return Err(bad("the grant id is empty, too long, or not visible ASCII"));
        }
        if let Some(scopes) = &self.scopes {
            within(scopes, wanted.scopes)?;
        }
        Ok(IssuedCode {
            code,
            client_id: ClientId::new(client_id),
            scopes: self.scopes,
            issuer: Some(issuer.clone()),
            expires_in: self.expires_in,
            grant_id: self.grant_id.map(GrantId::new),
        })
    }
}

/// A code that a client can send back (RFC 6749 §A.11).
pub(super) fn usable(code: &str) -> Result<AuthorizationCode, IssueError> {
    if !is_visible_ascii(code) {
        let what = "the code is empty, too long, or not visible ASCII";
        return Err(IssueError::BadAnswer { what });
    }
    Ok(AuthorizationCode::new(code))
}

fn is_visible_ascii(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

/// Holds what was granted against what was asked.
pub(super) fn within(granted: &BTreeSet<Scope>, asked: &BTreeSet<Scope>) -> Result<(), IssueError> {
    if granted.is_empty() {
        Err(IssueError::BadAnswer { what: "it grants no scope" })
    } else if !granted.is_subset(asked) {
        Err(IssueError::ScopeWiderThanAsked)
    } else {
        Ok(())
    }
}
