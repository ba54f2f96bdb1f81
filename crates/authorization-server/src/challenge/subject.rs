//! For whom a host speaks: the user of the access token that it sends along.

use std::time::Duration;

use rusqlite::Connection;

use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::http::{Authenticated, ErrorCode, Form, Problem};
use crate::jose::Thumbprint;
use crate::scope::MEDIATE;
use crate::secret::{Access, Fingerprint};
use crate::store::tokens;
use crate::user::UserId;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// A `subject_token` that nobody has looked up yet.
pub(crate) struct SubjectToken {
    token: Fingerprint<Access>,
    /// The key that the host proves to have.
    key: Option<Thumbprint>,
}

/// A user who is signed in to a host.
pub(crate) struct Subject {
    pub(crate) user: UserId,
    /// When the user last proved who they are.
    pub(crate) authenticated_at: UnixMillis,
}

impl SubjectToken {
    /// Reads `subject_token` and `subject_token_type` in the request of a host.
    pub(crate) fn read(host: &Authenticated, form: &Form) -> Result<Self, Problem> {
        let kind = form.require("subject_token_type", "subject_token_type is missing")?;
        let token = form.get("subject_token")?;
        let token = token.filter(|_| kind == ACCESS_TOKEN).ok_or_else(insufficient)?;
        Ok(Self::new(Fingerprint::of(token), host.key.clone()))
    }

    pub(crate) fn new(token: Fingerprint<Access>, key: Option<Thumbprint>) -> Self {
        Self { token, key }
    }

    /// The user, if the token is this host's, active, allowed to mediate, and from a sign-in not
    /// longer ago than `max_age`; and if it is bound to a key, the host proved to have that.
    pub(crate) fn find(
        &self,
        db: &Connection,
        host: &ClientId,
        max_age: Option<Duration>,
        now: UnixMillis,
    ) -> rusqlite::Result<Option<Subject>> {
        let found = tokens::find_access(db, &self.token)?.filter(|token| {
            token.client == host.as_str()
                && token.revoked_at.is_none()
                && token.expires_at > now
                && token.audience.is_this_server()
                && token.scopes.contains(MEDIATE)
                && token.key.as_ref().is_none_or(|key| self.key.as_ref() == Some(key))
        });
        let subject = found.and_then(|token| {
            // Without the time of the sign-in nobody could be told how old it is.
            Some(Subject { user: token.user?, authenticated_at: token.authenticated_at? })
        });
        Ok(subject.filter(|subject| {
            max_age.is_none_or(|limit| now.since(subject.authenticated_at) <= limit)
        }))
    }
}

/// The one answer to every user token that will not do: the host signs its user in again.
pub(crate) fn insufficient() -> Problem {
    Problem::new(
        ErrorCode::InsufficientAuthorization,
        "subject_token must be an active access token of this host with scope mediate",
    )
}
