//! What a profile must know again when a grant ends.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use minihost_core::{GrantId, User};
use serde::{Deserialize, Serialize};

use super::{IssueError, wanted::Wanted};
use crate::ports::{SessionError, UserSession};

const PREFIX: &str = "handle.";

/// Whose grant for whom, where a server ends grants by that and has no name of its own for them.
/// Travels as the grant's id.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantHandle {
    pub(super) user: String,
    pub(super) client: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) grant: Option<String>,
}

impl GrantHandle {
    pub(super) fn of(wanted: &Wanted<'_>, grant: Option<String>) -> Self {
        Self {
            user: wanted.user.id.as_str().to_owned(),
            client: wanted.asked.client_id.as_str().to_owned(),
            grant,
        }
    }

    pub(super) fn to_grant_id(&self) -> GrantId {
        let json = serde_json::to_vec(self).expect("a handle is made of strings");
        GrantId::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(json)))
    }

    /// `None` for a grant of another profile.
    pub(super) fn read(grant: &GrantId) -> Option<Self> {
        let encoded = grant.as_str().strip_prefix(PREFIX)?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
    }

    /// The user of the grant, who must be the one who is signed in: nobody else's token may end it.
    pub(super) fn present_user(&self, session: &dyn UserSession) -> Result<User, IssueError> {
        match session.current_user() {
            Some(user) if user.id.as_str() == self.user => Ok(user),
            Some(_) => Err(SessionError::AccountChanged.into()),
            None => Err(SessionError::NotSignedIn.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_read_back_and_the_id_of_a_server_is_none() {
        for grant in [None, Some("g/1".to_owned())] {
            let handle = GrantHandle { user: "ü 1".into(), client: "tea".into(), grant };
            assert_eq!(GrantHandle::read(&handle.to_grant_id()), Some(handle));
        }
        for other in ["g1", "handle.", "handle.e30", "handle.!"] {
            assert_eq!(GrantHandle::read(&GrantId::new(other)), None, "{other}");
        }
    }
}
