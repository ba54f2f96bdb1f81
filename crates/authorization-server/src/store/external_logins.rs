//! Sign-ins that an authentication system was asked for.

use rusqlite::{Connection, OptionalExtension as _, named_params};

use crate::clock::UnixMillis;
use crate::secret::{Browser, Fingerprint, LoginRequest};
use crate::store::open_requests::Party;

/// A request to keep until its answer comes.
pub(crate) struct NewExternalLogin {
    pub(crate) request: Fingerprint<LoginRequest>,
    /// The browser that was sent.
    pub(crate) browser: Fingerprint<Browser>,
    pub(crate) party: Party,
    pub(crate) continue_to: String,
    /// Whether an earlier sign-in is not enough.
    pub(crate) needs_proof: bool,
    pub(crate) expires_at: UnixMillis,
}

/// Keeps a request.
pub(crate) fn insert(
    db: &Connection,
    new: &NewExternalLogin,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO external_logins (hash, browser_hash, source, site, continue_to, needs_proof,
             created_at, expires_at)
         VALUES (:hash, :browser, :source, :site, :continue_to, :needs_proof, :now, :expires_at)",
    )?
    .execute(named_params! {
        ":hash": new.request,
        ":browser": new.browser,
        ":source": new.party.source(),
        ":site": new.party.site(),
        ":continue_to": new.continue_to,
        ":needs_proof": new.needs_proof,
        ":now": now,
        ":expires_at": new.expires_at,
    })?;
    Ok(())
}

/// What a request was for.
pub(crate) struct ExternalLogin {
    pub(crate) continue_to: String,
    pub(crate) needs_proof: bool,
    pub(crate) created_at: UnixMillis,
}

/// Uses a request of this browser up; `None` when there is none in force.
pub(crate) fn spend(
    db: &Connection,
    request: &Fingerprint<LoginRequest>,
    browser: &Fingerprint<Browser>,
    now: UnixMillis,
) -> rusqlite::Result<Option<ExternalLogin>> {
    db.prepare_cached(
        "UPDATE external_logins SET used_at = ?3
         WHERE hash = ?1 AND browser_hash = ?2 AND expires_at > ?3 AND used_at IS NULL
         RETURNING continue_to, needs_proof, created_at",
    )?
    .query_row((request, browser, now), |row| {
        Ok(ExternalLogin {
            continue_to: row.get(0)?,
            needs_proof: row.get(1)?,
            created_at: row.get(2)?,
        })
    })
    .optional()
}
