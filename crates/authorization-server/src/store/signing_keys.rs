//! Signing keys, encrypted.

use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, named_params};

use crate::clock::UnixMillis;
use crate::error::StoreError;
use crate::jose::{SigningAlgorithm, SigningKey};
use crate::keys::{Seal, SealedKey, StoredKey};

/// Stores a key, which at `signs_from` takes the place of what signs with its algorithm until then.
pub(crate) fn put(
    db: &Connection,
    key: &SigningKey,
    sealed: &SealedKey,
    signs_from: UnixMillis,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    // Another key that was to take the place of one sooner does so.
    db.prepare_cached(
        "UPDATE signing_keys SET superseded_at = ?2
         WHERE algorithm = ?1 AND (superseded_at IS NULL OR superseded_at > ?2)",
    )?
    .execute((key.algorithm().as_str(), signs_from))?;
    db.prepare_cached(
        "INSERT INTO signing_keys (id, algorithm, sealed, created_at, signs_from)
         VALUES (:id, :algorithm, :sealed, :now, :signs_from)",
    )?
    .execute(named_params! {
        ":id": key.public().id(),
        ":algorithm": key.algorithm().as_str(),
        ":sealed": sealed,
        ":now": now,
        ":signs_from": signs_from,
    })?;
    Ok(())
}

/// Whether some key signs with this algorithm, now or until another takes its place.
pub(crate) fn has_signer(db: &Connection, algorithm: SigningAlgorithm) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "SELECT EXISTS (
             SELECT 1 FROM signing_keys WHERE algorithm = ?1 AND superseded_at IS NULL
         )",
    )?
    .query_row([algorithm.as_str()], |row| row.get(0))
}

/// All keys as they lie in the database, each with its id.
pub(crate) fn sealed(db: &Connection) -> Result<Vec<(String, SealedKey)>, StoreError> {
    let mut find = db.prepare("SELECT id, sealed FROM signing_keys")?;
    let keys = find.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(keys.collect::<Result<_, _>>()?)
}

/// The algorithms for which some key signs, as they are named in the database.
pub(crate) fn algorithms(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut find = db.prepare(
        "SELECT DISTINCT algorithm FROM signing_keys WHERE superseded_at IS NULL ORDER BY algorithm",
    )?;
    let algorithms = find.query_map((), |row| row.get(0))?;
    algorithms.collect()
}

/// Removes all keys, which nothing opens any more, or which others may have.
pub(crate) fn clear(db: &Connection) -> rusqlite::Result<usize> {
    db.execute("DELETE FROM signing_keys", ())
}

/// All keys, the newest first.
pub(crate) fn all(db: &Connection, seal: &Seal) -> rusqlite::Result<Vec<StoredKey>> {
    let mut find = db.prepare_cached("SELECT * FROM signing_keys ORDER BY created_at DESC, id")?;
    let keys = find.query_map((), |row| {
        let id: String = row.get("id")?;
        let algorithm: String = row.get("algorithm")?;
        let sealed: SealedKey = row.get("sealed")?;
        let unreadable = |reason: &str| {
            let error = format!("the signing key {id} {reason}");
            rusqlite::Error::FromSqlConversionFailure(
                0,
                Type::Blob,
                Box::new(FromSqlError::other(std::io::Error::other(error))),
            )
        };
        let algorithm = SigningAlgorithm::from_name(&algorithm)
            .ok_or_else(|| unreadable("has an algorithm that this server does not know"))?;
        let document = seal
            .open_sealed(&id, &sealed)
            .ok_or_else(|| unreadable("does not open with the key file beside the database"))?;
        let key = SigningKey::from_pkcs8(algorithm, &document)
            .map_err(|_| unreadable("cannot be read"))?;
        Ok(StoredKey {
            key,
            signs_from: row.get("signs_from")?,
            superseded_at: row.get("superseded_at")?,
        })
    })?;
    keys.collect()
}
