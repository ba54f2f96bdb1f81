//! Authorization requests that were pushed (RFC 9126).

use rusqlite::{Connection, OptionalExtension as _};

use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::secret::{Fingerprint, Pushed};
use crate::store::open_requests::Party;

/// Stores a request; `parameters` is in the form of a query.
pub(crate) fn insert(
    db: &Connection,
    reference: &Fingerprint<Pushed>,
    party: &Party,
    parameters: &str,
    expires_at: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO pushed_requests (hash, client, source, site, parameters, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        reference,
        party.client_id(),
        party.source(),
        party.site(),
        parameters,
        expires_at,
    ))?;
    Ok(())
}

/// The parameters of a request that this client pushed, if they can still be used.
pub(crate) fn find(
    db: &Connection,
    reference: &Fingerprint<Pushed>,
    client: &ClientId,
    now: UnixMillis,
) -> rusqlite::Result<Option<String>> {
    db.prepare_cached(
        "SELECT parameters FROM pushed_requests
         WHERE hash = ?1 AND client = ?2 AND expires_at > ?3 AND used_at IS NULL",
    )?
    .query_row((reference, client, now), |row| row.get(0))
    .optional()
}

/// Uses a request up; false when it was used before or has expired.
pub(crate) fn spend(
    db: &Connection,
    reference: &Fingerprint<Pushed>,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let spent = db
        .prepare_cached(
            "UPDATE pushed_requests SET used_at = ?2
             WHERE hash = ?1 AND expires_at > ?2 AND used_at IS NULL",
        )?
        .execute((reference, now))?;
    Ok(spent == 1)
}
