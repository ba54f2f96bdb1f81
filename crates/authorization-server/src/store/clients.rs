//! Registered clients, and the counter that tells when they changed.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _};

use crate::client::{Client, ClientId, ClientKind};
use crate::clock::UnixMillis;

/// Creates the client, or replaces the one of this id.
pub(crate) fn put(db: &Connection, client: &Client) -> rusqlite::Result<()> {
    let registration = serde_json::to_string(client)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    db.prepare_cached(
        "INSERT INTO clients (id, registration) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET registration = excluded.registration, removed_at = NULL",
    )?
    .execute((&client.id, registration))?;
    changed(db)
}

/// All clients.
pub(crate) fn all(db: &Connection) -> rusqlite::Result<Vec<Client>> {
    let mut find =
        db.prepare_cached("SELECT registration FROM clients WHERE removed_at IS NULL")?;
    let clients = find.query_map((), |row| read(&row.get::<_, String>(0)?))?;
    clients.collect()
}

/// The client of this id.
pub(crate) fn find(db: &Connection, id: &ClientId) -> rusqlite::Result<Option<Client>> {
    let registration: Option<String> = db
        .prepare_cached("SELECT registration FROM clients WHERE id = ?1 AND removed_at IS NULL")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    registration.as_deref().map(read).transpose()
}

/// Ends everything that the client has, and takes it off the lists of its hosts. The row stays, for
/// what users agreed to refers to it. Returns whether there was such a client.
pub(crate) fn remove(db: &Connection, id: &ClientId, now: UnixMillis) -> rusqlite::Result<bool> {
    let removed = db
        .prepare_cached("UPDATE clients SET removed_at = ?2 WHERE id = ?1 AND removed_at IS NULL")?
        .execute((id, now))?;
    if removed == 0 {
        return Ok(false);
    }
    for mut host in all(db)? {
        let ClientKind::Host { may_mediate_for, .. } = &mut host.kind else { continue };
        if may_mediate_for.contains(id) {
            may_mediate_for.retain(|target| target != id);
            put(db, &host)?;
        }
    }
    for end in [
        "UPDATE grants SET ended_at = ?2 WHERE client = ?1 AND ended_at IS NULL",
        "UPDATE authorizations SET revoked_at = ?2 WHERE client = ?1 AND revoked_at IS NULL",
        // What a removed host asked for and nobody has redeemed yet.
        "UPDATE authorizations SET revoked_at = ?2 WHERE mediator = ?1 AND revoked_at IS NULL
             AND code_hash IS NOT NULL AND code_spent_at IS NULL",
        "UPDATE device_requests SET used_at = ?2 WHERE (host = ?1 OR client = ?1)
             AND approved_scopes IS NOT NULL AND used_at IS NULL",
    ] {
        db.execute(end, (id, now))?;
    }
    changed(db)?;
    Ok(true)
}

fn read(registration: &str) -> rusqlite::Result<Client> {
    serde_json::from_str(registration)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}

/// Grows with every change of a client or a signing key.
pub(crate) fn registry_version(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached("SELECT registry_version FROM server")?.query_row((), |row| row.get(0))
}

/// Tells every process that has the database open that clients or keys changed.
pub(crate) fn changed(db: &Connection) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE server SET registry_version = registry_version + 1")?.execute(())?;
    Ok(())
}
