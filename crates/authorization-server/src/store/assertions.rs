//! Client assertions that were used. They are on the disk, so that they stay used after a restart.

use rusqlite::Connection;

use crate::client::ClientId;
use crate::clock::UnixMillis;

/// Records the use of an assertion; `false` when it was used before.
pub(crate) fn use_once(
    db: &Connection,
    issuer: &ClientId,
    jti: &str,
    expires_at: UnixMillis,
) -> rusqlite::Result<bool> {
    let recorded = db
        .prepare_cached(
            "INSERT INTO used_assertions (issuer, jti, expires_at) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute((issuer, jti, expires_at))?;
    Ok(recorded == 1)
}
