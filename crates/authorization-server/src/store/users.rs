//! Users.

use rusqlite::{Connection, OptionalExtension as _, named_params};

use crate::accounts::Account;
use crate::password::PasswordPhc;
use crate::user::{Details, UserId, UserRegistration};

/// Creates the user under `new_id`, or updates the one of this username, whose id stays; returns the
/// id.
pub(crate) fn put(
    db: &Connection,
    new_id: &UserId,
    user: &UserRegistration,
    password: &PasswordPhc,
) -> rusqlite::Result<UserId> {
    db.prepare_cached(
        "INSERT INTO users (id, username, password_hash, preferred_username, email, email_verified,
             phone_number)
         VALUES (:id, :username, :password_hash, :preferred_username, :email, :email_verified,
                 :phone_number)
         ON CONFLICT (username) DO UPDATE SET
             password_hash = excluded.password_hash,
             preferred_username = excluded.preferred_username, email = excluded.email,
             email_verified = excluded.email_verified, phone_number = excluded.phone_number
         RETURNING id",
    )?
    .query_row(
        named_params! {
            ":id": new_id,
            ":username": user.username,
            ":password_hash": password.0,
            ":preferred_username": user.preferred_username,
            ":email": user.email,
            ":email_verified": user.email_verified,
            ":phone_number": user.phone_number,
        },
        |row| row.get(0),
    )
}

/// Whether there is a user of this username.
pub(crate) fn exists(db: &Connection, username: &str) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM users WHERE username = ?1)")?
        .query_row([username], |row| row.get(0))
}

/// The user of this username.
pub(crate) fn id_of(db: &Connection, username: &str) -> rusqlite::Result<Option<UserId>> {
    db.prepare_cached("SELECT id FROM users WHERE username = ?1")?
        .query_row([username], |row| row.get(0))
        .optional()
}

/// Who says whose account it is. Each has identifiers of its own, which may be the same for
/// different people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    /// The service that checks passwords.
    AccountService,
    /// The system that signs users in by browser.
    AuthenticationSystem,
}

impl Source {
    fn qualified(self, id: &str) -> String {
        let source = match self {
            Self::AccountService => "account service",
            Self::AuthenticationSystem => "authentication system",
        };
        format!("{source}:{id}")
    }
}

/// Creates the user under `new_id`, or updates the one whom `source` knows as this account, whose
/// id stays. `username` is what they signed in with there.
pub(crate) fn put_external(
    db: &Connection,
    new_id: &UserId,
    source: Source,
    username: &str,
    account: &Account,
) -> rusqlite::Result<UserId> {
    db.prepare_cached(
        "INSERT INTO users (id, external_id, preferred_username, email, email_verified,
             phone_number)
         VALUES (:id, :external_id, :preferred_username, :email, :email_verified, :phone_number)
         ON CONFLICT (external_id) DO UPDATE SET
             preferred_username = excluded.preferred_username, email = excluded.email,
             email_verified = excluded.email_verified, phone_number = excluded.phone_number
         RETURNING id",
    )?
    .query_row(
        named_params! {
            ":id": new_id,
            ":external_id": source.qualified(&account.external_id),
            ":preferred_username": account.preferred_username.as_deref().unwrap_or(username),
            ":email": account.email,
            ":email_verified": account.email_verified,
            ":phone_number": account.phone_number,
        },
        |row| row.get(0),
    )
}

/// Replaces the password of a user.
pub(crate) fn set_password(
    db: &Connection,
    user: &UserId,
    password: &PasswordPhc,
) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE users SET password_hash = ?2 WHERE id = ?1")?
        .execute((user, &password.0))?;
    Ok(())
}

/// Whether this is still the user's password.
pub(crate) fn has_password(
    db: &Connection,
    user: &UserId,
    password: &PasswordPhc,
) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM users WHERE id = ?1 AND password_hash = ?2")?
        .exists((user, &password.0))
}

/// What a password check needs.
pub(crate) fn credentials(
    db: &Connection,
    username: &str,
) -> rusqlite::Result<Option<(UserId, PasswordPhc)>> {
    db.prepare_cached(
        "SELECT id, password_hash FROM users WHERE username = ?1 AND password_hash IS NOT NULL",
    )?
    .query_row([username], |row| Ok((row.get(0)?, PasswordPhc(row.get(1)?))))
    .optional()
}

/// The claims of a user.
pub(crate) fn details(db: &Connection, user: &UserId) -> rusqlite::Result<Option<Details>> {
    db.prepare_cached(
        "SELECT preferred_username, email, email_verified, phone_number FROM users WHERE id = ?1",
    )?
    .query_row([user], |row| {
        Ok(Details {
            preferred_username: row.get(0)?,
            email: row.get(1)?,
            email_verified: row.get(2)?,
            phone_number: row.get(3)?,
        })
    })
    .optional()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    #[test]
    fn one_identifier_from_two_sources_is_two_users() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(schema::CREATE).unwrap();
        let account = Account {
            external_id: "4711".to_owned(),
            tenant: None,
            preferred_username: None,
            email: None,
            email_verified: false,
            phone_number: None,
        };
        let put = |source| {
            put_external(&db, &UserId::new().unwrap(), source, "carol", &account).unwrap().0
        };
        let by_service = put(Source::AccountService);
        let by_system = put(Source::AuthenticationSystem);
        assert_ne!(by_service, by_system);
        assert_eq!(put(Source::AccountService), by_service);
        assert_eq!(put(Source::AuthenticationSystem), by_system);
    }
}
