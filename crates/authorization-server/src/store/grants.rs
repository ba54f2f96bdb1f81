//! Grants: what a user has given to a client, one in force for each pair of them.

use rusqlite::{Connection, OptionalExtension as _, named_params};

use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::error::RandomnessError;
use crate::resource::Audience;
use crate::scope::Scopes;
use crate::secret::random_id;
use crate::user::UserId;

/// The identifier of a grant; the host learns it, so that it can end the grant.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct GrantId(pub(crate) String);

impl GrantId {
    pub(crate) fn new() -> Result<Self, RandomnessError> {
        random_id().map(Self)
    }
}

/// Adds `scopes` to the grant of this user for this client, which is made under `new_id` when there
/// is none; returns its id.
pub(crate) fn extend(
    db: &Connection,
    new_id: &GrantId,
    user: &UserId,
    client: &ClientId,
    scopes: &Scopes,
    now: UnixMillis,
) -> rusqlite::Result<GrantId> {
    let before = in_force(db, user, client)?;
    let scopes = match before {
        // Most requests ask for what was given before: then there is nothing to write.
        Some((id, given)) if scopes.is_subset(&given) => return Ok(id),
        Some((_, given)) => given.union(scopes),
        None => scopes.clone(),
    };
    db.prepare_cached(
        "INSERT INTO grants (id, user, client, scopes, created_at, updated_at)
         VALUES (:id, :user, :client, :scopes, :now, :now)
         ON CONFLICT (user, client) WHERE ended_at IS NULL
         DO UPDATE SET scopes = excluded.scopes, updated_at = :now
         RETURNING id",
    )?
    .query_row(
        named_params! {
            ":id": new_id.0,
            ":user": user,
            ":client": client,
            ":scopes": scopes,
            ":now": now,
        },
        |row| row.get(0).map(GrantId),
    )
}

/// A grant in force.
pub(crate) struct StoredGrant {
    pub(crate) client: String,
    pub(crate) scopes: Scopes,
}

/// The grant of this id, if it is in force.
pub(crate) fn find(db: &Connection, id: &GrantId) -> rusqlite::Result<Option<StoredGrant>> {
    db.prepare_cached("SELECT client, scopes FROM grants WHERE id = ?1 AND ended_at IS NULL")?
        .query_row([&id.0], |row| Ok(StoredGrant { client: row.get(0)?, scopes: row.get(1)? }))
        .optional()
}

/// Ends the grant with everything that came from it: codes, tokens, and what need not be asked again.
/// What its user allows this client later is another grant.
///
/// Codes and tokens find out when they are looked up. An index to find them from here would cost each
/// new one a write of its own, for what is rarely done.
pub(crate) fn end(db: &Connection, id: &GrantId, now: UnixMillis) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE grants SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL")?
        .execute((&id.0, now))?;
    Ok(())
}

fn in_force(
    db: &Connection,
    user: &UserId,
    client: &ClientId,
) -> rusqlite::Result<Option<(GrantId, Scopes)>> {
    db.prepare_cached(
        "SELECT id, scopes FROM grants WHERE user = ?1 AND client = ?2 AND ended_at IS NULL",
    )?
    .query_row((user, client), |row| Ok((GrantId(row.get(0)?), row.get(1)?)))
    .optional()
}

/// What a user lets a client have without being asked again.
pub(crate) fn remembered(
    db: &Connection,
    user: &UserId,
    client: &ClientId,
    now: UnixMillis,
) -> rusqlite::Result<Remembered> {
    let mut find = db.prepare_cached(
        "SELECT remembered_scopes, remembered_audience, remembered_until FROM grants
         WHERE user = ?1 AND client = ?2 AND ended_at IS NULL
             AND (remembered_until IS NULL OR remembered_until > ?3)",
    )?;
    let mut rows = find.query((user, client, now))?;
    match rows.next()? {
        Some(row) => {
            Ok(Remembered { scopes: row.get(0)?, audience: row.get(1)?, until: row.get(2)? })
        }
        None => Ok(Remembered::default()),
    }
}

/// Scopes that need not be asked for again, where they were allowed for, and how long: without an
/// end, until they are revoked.
#[derive(Clone, Default)]
pub(crate) struct Remembered {
    pub(crate) scopes: Scopes,
    pub(crate) audience: Audience,
    pub(crate) until: Option<UnixMillis>,
}

impl Remembered {
    /// Whether all of these may be had for that without asking.
    pub(crate) fn covers(&self, scopes: &Scopes, audience: &Audience) -> bool {
        scopes.is_subset(&self.scopes) && audience.is_subset(&self.audience)
    }
}

/// Replaces what is remembered with a grant.
pub(crate) fn remember(
    db: &Connection,
    grant: &GrantId,
    remembered: &Remembered,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE grants SET remembered_scopes = ?2, remembered_audience = ?3, remembered_until = ?4
         WHERE id = ?1",
    )?
    .execute((&grant.0, &remembered.scopes, &remembered.audience, remembered.until))?;
    Ok(())
}

/// A grant as its user may see it.
pub(crate) struct ListedGrant {
    pub(crate) id: String,
    pub(crate) client: String,
    pub(crate) scopes: Scopes,
    pub(crate) remembered: Option<Remembered>,
    pub(crate) created_at: UnixMillis,
}

/// The grants of this user in force, the one that changed last first.
pub(crate) fn of_user(db: &Connection, user: &UserId) -> rusqlite::Result<Vec<ListedGrant>> {
    db.prepare_cached(
        "SELECT id, client, scopes, remembered_scopes, remembered_audience, remembered_until,
             created_at
         FROM grants WHERE user = ?1 AND ended_at IS NULL ORDER BY updated_at DESC, id",
    )?
    .query_map([user], |row| {
        let remembered =
            Remembered { scopes: row.get(3)?, audience: row.get(4)?, until: row.get(5)? };
        Ok(ListedGrant {
            id: row.get(0)?,
            client: row.get(1)?,
            scopes: row.get(2)?,
            remembered: Some(remembered).filter(|remembered| !remembered.scopes.is_empty()),
            created_at: row.get(6)?,
        })
    })?
    .collect()
}

/// Ends a grant of this user, as [`end`] does; that of another stays.
pub(crate) fn end_of_user(
    db: &Connection,
    user: &UserId,
    id: &str,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let is_theirs = db
        .prepare_cached("SELECT 1 FROM grants WHERE id = ?1 AND user = ?2 AND ended_at IS NULL")?
        .exists((id, user))?;
    if is_theirs {
        end(db, &GrantId(id.to_owned()), now)?;
    }
    Ok(())
}
