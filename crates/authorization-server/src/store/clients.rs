//! Registered clients, and the counter that tells when they changed.

use rusqlite::Connection;
use rusqlite::types::Type;

use crate::client::Client;

/// Creates the client, or replaces the one of this id.
pub(crate) fn put(db: &Connection, client: &Client) -> rusqlite::Result<()> {
    let registration = serde_json::to_string(client)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    db.prepare_cached(
        "INSERT INTO clients VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET registration = excluded.registration",
    )?
    .execute((&client.id, registration))?;
    changed(db)
}

/// All clients.
pub(crate) fn all(db: &Connection) -> rusqlite::Result<Vec<Client>> {
    let mut find = db.prepare_cached("SELECT registration FROM clients")?;
    let clients = find.query_map((), |row| {
        let registration: String = row.get(0)?;
        serde_json::from_str(&registration).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
        })
    })?;
    clients.collect()
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
