//! Users' sessions with this server, one for each browser.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, named_params};

use crate::clock::UnixMillis;
use crate::login::LoginMethod;
use crate::secret::{Fingerprint, Session};
use crate::store::device_requests;
use crate::user::UserId;

/// The key of a browser session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BrowserSessionId(i64);

impl BrowserSessionId {
    /// The key as a number, for forms that name a session.
    pub(crate) fn number(self) -> i64 {
        self.0
    }
}

impl ToSql for BrowserSessionId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

impl FromSql for BrowserSessionId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

/// Which sessions are in force at a moment.
#[derive(Clone, Copy)]
pub(crate) struct InForce {
    pub(crate) now: UnixMillis,
    /// Sessions that were last seen before this are over.
    pub(crate) idle_since: UnixMillis,
}

/// A session in force and whose it is.
#[derive(Clone)]
pub(crate) struct BrowserSession {
    pub(crate) id: BrowserSessionId,
    pub(crate) user: UserId,
    /// `None` where the user signs in elsewhere only.
    pub(crate) username: Option<String>,
    pub(crate) preferred_username: String,
    /// When the user last proved who they are.
    pub(crate) authenticated_at: UnixMillis,
    pub(crate) last_seen_at: UnixMillis,
    /// However often the user is seen.
    pub(crate) expires_at: UnixMillis,
}

/// The session in force of the browser that holds this.
pub(crate) fn find(
    db: &Connection,
    session: &Fingerprint<Session>,
    at: InForce,
) -> rusqlite::Result<Option<BrowserSession>> {
    db.prepare_cached(
        "SELECT s.id, s.user, u.username, u.preferred_username, s.authenticated_at, s.last_seen_at,
             s.expires_at
         FROM browser_sessions AS s JOIN users AS u ON u.id = s.user
         WHERE s.hash = :hash AND s.ended_at IS NULL AND s.expires_at > :now
             AND s.last_seen_at > :idle_since",
    )?
    .query_row(
        named_params! { ":hash": session, ":now": at.now, ":idle_since": at.idle_since },
        |row| {
            Ok(BrowserSession {
                id: row.get(0)?,
                user: row.get(1)?,
                username: row.get(2)?,
                preferred_username: row.get(3)?,
                authenticated_at: row.get(4)?,
                last_seen_at: row.get(5)?,
                expires_at: row.get(6)?,
            })
        },
    )
    .optional()
}

/// What a session begins with, or begins again with.
pub(crate) struct NewSession<'a> {
    pub(crate) hash: &'a Fingerprint<Session>,
    pub(crate) user: &'a UserId,
    pub(crate) method: LoginMethod,
    pub(crate) user_agent: Option<&'a str>,
    /// When the user proved who they are; elsewhere that may be a while ago.
    pub(crate) authenticated_at: UnixMillis,
    pub(crate) expires_at: UnixMillis,
}

/// Begins a session.
pub(crate) fn begin(
    db: &Connection,
    new: &NewSession<'_>,
    now: UnixMillis,
) -> rusqlite::Result<BrowserSessionId> {
    db.prepare_cached(
        "INSERT INTO browser_sessions (hash, user, method, user_agent, authenticated_at,
             last_seen_at, expires_at)
         VALUES (:hash, :user, :method, :user_agent, :authenticated_at, :now, :expires_at)",
    )?
    .insert(named_params! {
        ":hash": new.hash,
        ":user": new.user,
        ":method": new.method,
        ":user_agent": new.user_agent,
        ":authenticated_at": new.authenticated_at,
        ":now": now,
        ":expires_at": new.expires_at,
    })
    .map(BrowserSessionId)
}

/// Lets the same user's session go on under another secret, after they proved again who they are.
pub(crate) fn renew(
    db: &Connection,
    id: BrowserSessionId,
    new: &NewSession<'_>,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE browser_sessions SET hash = :hash, method = :method, user_agent = :user_agent,
             authenticated_at = :authenticated_at, last_seen_at = :now, expires_at = :expires_at
         WHERE id = :id AND user = :user",
    )?
    .execute(named_params! {
        ":id": id,
        ":hash": new.hash,
        ":user": new.user,
        ":method": new.method,
        ":user_agent": new.user_agent,
        ":authenticated_at": new.authenticated_at,
        ":now": now,
        ":expires_at": new.expires_at,
    })?;
    Ok(())
}

/// Notes that the user is there.
pub(crate) fn touch(
    db: &Connection,
    id: BrowserSessionId,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE browser_sessions SET last_seen_at = ?2 WHERE id = ?1")?
        .execute((id, now))?;
    Ok(())
}

/// Whether the session was not ended meanwhile.
pub(crate) fn is_open(db: &Connection, id: BrowserSessionId) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM browser_sessions WHERE id = ?1 AND ended_at IS NULL")?
        .exists([id])
}

/// The session of this number, if it is this user's.
pub(crate) fn id_of(
    db: &Connection,
    user: &UserId,
    number: i64,
) -> rusqlite::Result<Option<BrowserSessionId>> {
    db.prepare_cached("SELECT id FROM browser_sessions WHERE id = ?1 AND user = ?2")?
        .query_row((number, user), |row| row.get(0))
        .optional()
}

/// Ends a session of this user, and with it every token and approval that came from it.
pub(crate) fn end(
    db: &Connection,
    user: &UserId,
    id: BrowserSessionId,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    let ended = db
        .prepare_cached(
            "UPDATE browser_sessions SET ended_at = ?3
             WHERE id = ?1 AND user = ?2 AND ended_at IS NULL",
        )?
        .execute((id, user, now))?;
    if ended == 1 {
        db.prepare_cached(
            "UPDATE authorizations SET revoked_at = ?2
             WHERE session_id = ?1 AND revoked_at IS NULL",
        )?
        .execute((id, now))?;
        device_requests::end_of_session(db, id, now)?;
    }
    Ok(())
}

/// Ends all sessions of this user but one, and every token and approval of the user, from wherever
/// it came.
pub(crate) fn end_all_but(
    db: &Connection,
    user: &UserId,
    kept: BrowserSessionId,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    end_others(db, user, Some(kept), now)
}

/// Ends every session of the user in any browser, and everything that was given in their name.
pub(crate) fn end_all(db: &Connection, user: &UserId, now: UnixMillis) -> rusqlite::Result<()> {
    end_others(db, user, None, now)
}

fn end_others(
    db: &Connection,
    user: &UserId,
    kept: Option<BrowserSessionId>,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE browser_sessions SET ended_at = ?3
         WHERE user = ?1 AND id IS NOT ?2 AND ended_at IS NULL",
    )?
    .execute((user, kept, now))?;
    db.prepare_cached(
        "UPDATE authorizations SET revoked_at = ?2 WHERE user = ?1 AND revoked_at IS NULL",
    )?
    .execute((user, now))?;
    device_requests::end_of_user(db, user, now)
}

/// A session as its user may see it.
pub(crate) struct ListedSession {
    pub(crate) id: BrowserSessionId,
    pub(crate) method: LoginMethod,
    pub(crate) user_agent: Option<String>,
    pub(crate) authenticated_at: UnixMillis,
    pub(crate) last_seen_at: UnixMillis,
}

/// The sessions of this user in force, the one seen last first.
pub(crate) fn of_user(
    db: &Connection,
    user: &UserId,
    at: InForce,
) -> rusqlite::Result<Vec<ListedSession>> {
    db.prepare_cached(
        "SELECT id, method, user_agent, authenticated_at, last_seen_at FROM browser_sessions
         WHERE user = ?1 AND ended_at IS NULL AND expires_at > ?2 AND last_seen_at > ?3
         ORDER BY last_seen_at DESC, id DESC LIMIT 50",
    )?
    .query_map((user, at.now, at.idle_since), |row| {
        Ok(ListedSession {
            id: row.get(0)?,
            method: row.get(1)?,
            user_agent: row.get(2)?,
            authenticated_at: row.get(3)?,
            last_seen_at: row.get(4)?,
        })
    })?
    .collect()
}
