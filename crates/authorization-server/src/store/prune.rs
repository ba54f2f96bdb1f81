//! Removes what can no longer be used, so that the file does not grow with every sign-in.

use std::time::Duration;

use rusqlite::Connection;

use crate::clock::UnixMillis;

/// Expired codes and tokens stay this long, so that "expired" can be told from "unknown" and a
/// replay is still recognised.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);

/// Prunes; a failure is logged, as the next time will do.
pub(super) fn and_log(connection: &Connection, now: UnixMillis) {
    if let Err(error) = prune(connection, now) {
        tracing::warn!(%error, "expired codes and tokens could not be removed");
    }
}

/// Grants and consent evidence stay: they are the record of what was agreed, and a `jti` must not
/// become usable again.
fn prune(connection: &Connection, now: UnixMillis) -> rusqlite::Result<()> {
    let limit = now.minus(KEPT_AFTER_EXPIRY);
    let transaction = connection.unchecked_transaction()?;
    for table in ["codes", "access_tokens", "refresh_tokens"] {
        transaction.execute(&format!("DELETE FROM {table} WHERE expires_at < ?1"), [limit])?;
    }
    transaction.execute(
        "DELETE FROM authorizations AS a WHERE created_at < ?1
         AND NOT EXISTS (SELECT 1 FROM codes WHERE authorization_id = a.id)
         AND NOT EXISTS (SELECT 1 FROM access_tokens WHERE authorization_id = a.id)
         AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE authorization_id = a.id)",
        [limit],
    )?;
    transaction.commit()
}
