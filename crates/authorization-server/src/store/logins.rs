//! The record of who signed in when, from where and how.

use rusqlite::{Connection, named_params};

use crate::clock::UnixMillis;
use crate::login::LoginMethod;
use crate::user::UserId;

/// A sign-in to record.
pub(crate) struct NewLogin<'a> {
    pub(crate) user: &'a UserId,
    pub(crate) method: LoginMethod,
    pub(crate) address: Option<&'a str>,
    pub(crate) user_agent: Option<&'a str>,
    /// The client whose authorization request led to it, where one did.
    pub(crate) client: Option<&'a str>,
}

/// Records a sign-in.
pub(crate) fn record(db: &Connection, new: &NewLogin<'_>, now: UnixMillis) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO logins (user, at, method, address, user_agent, client)
         VALUES (:user, :now, :method, :address, :user_agent, :client)",
    )?
    .execute(named_params! {
        ":user": new.user,
        ":now": now,
        ":method": new.method,
        ":address": new.address,
        ":user_agent": new.user_agent,
        ":client": new.client,
    })?;
    Ok(())
}

/// A sign-in as its user may see it.
pub(crate) struct ListedLogin {
    pub(crate) at: UnixMillis,
    pub(crate) method: LoginMethod,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) client: Option<String>,
}

/// The latest sign-ins of this user, the newest first.
pub(crate) fn recent(
    db: &Connection,
    user: &UserId,
    most: u32,
) -> rusqlite::Result<Vec<ListedLogin>> {
    db.prepare_cached(
        "SELECT at, method, address, user_agent, client FROM logins WHERE user = ?1
         ORDER BY at DESC, id DESC LIMIT ?2",
    )?
    .query_map((user, most), |row| {
        Ok(ListedLogin {
            at: row.get(0)?,
            method: row.get(1)?,
            address: row.get(2)?,
            user_agent: row.get(3)?,
            client: row.get(4)?,
        })
    })?
    .collect()
}
