//! What a user agreed to in a host app: the grant that comes of it, and the evidence for it.

use rusqlite::Connection;

use super::evidence::{self, Outcome};
use super::grants::{self, GrantId};
use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::consent::ConsentEvidence;
use crate::scope::Scopes;
use crate::user::UserId;

/// Who agreed to what, and where.
pub(crate) struct Agreement<'a> {
    pub(crate) host: &'a ClientId,
    pub(crate) user: &'a UserId,
    pub(crate) client: &'a ClientId,
    pub(crate) scopes: &'a Scopes,
    pub(crate) evidence: Option<&'a ConsentEvidence>,
}

/// This host sent the evidence before; it is good for one answer.
pub(crate) struct UsedBefore;

impl Agreement<'_> {
    /// Extends the user's grant, or makes the one that is `new`, and records the evidence. Writes
    /// nothing when that was used before.
    pub(crate) fn write(
        &self,
        db: &Connection,
        new: &GrantId,
        now: UnixMillis,
    ) -> rusqlite::Result<Result<GrantId, UsedBefore>> {
        let Self { host, user, client, scopes, evidence } = *self;
        if let Some(evidence) = evidence
            && evidence::is_used(db, host, &evidence.jti)?
        {
            return Ok(Err(UsedBefore));
        }
        let grant = grants::extend(db, new, user, client, scopes, now)?;
        if let Some(evidence) = evidence {
            let outcome = Outcome { host, user, client, grant: &grant, granted: scopes };
            evidence::record(db, evidence, &outcome, now)?;
        }
        Ok(Ok(grant))
    }
}
