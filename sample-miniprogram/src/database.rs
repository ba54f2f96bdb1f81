//! Where a program keeps what must outlive it: one SQLite file per program.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _};

use crate::{OpenError, oauth::OpenId};

/// The schema version that this code writes.
const VERSION: i64 = 1;

const ACCOUNTS: &str = "
    CREATE TABLE account (
        id INTEGER PRIMARY KEY,
        open_id TEXT NOT NULL UNIQUE,
        created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
        sign_ins INTEGER NOT NULL DEFAULT 0
    ) STRICT;";

/// A local user of one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccountId(i64);

impl rusqlite::ToSql for AccountId {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

/// One program's database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Database {
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    /// Opens the file, or makes it with the accounts table and `schema`.
    pub(crate) fn open(path: &Path, schema: &str) -> Result<Self, OpenError> {
        let failed = |cause: rusqlite::Error| match cause.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                OpenError::Damaged(path.into())
            }
            _ => OpenError::Database { path: path.into(), cause },
        };
        let mut connection = Connection::open(path).map_err(failed)?;
        let found = prepare(&mut connection, schema).map_err(failed)?;
        if found != VERSION {
            return Err(OpenError::UnknownVersion { path: path.into(), found, known: VERSION });
        }
        if !is_sound(&connection).map_err(failed)? {
            return Err(OpenError::Damaged(path.into()));
        }
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Finds or makes the local user for a pairwise subject, and counts the sign-in. One program
    /// trusts one authorization server, so the subject alone names the user.
    pub(crate) async fn sign_in(&self, open_id: &OpenId) -> rusqlite::Result<(AccountId, i64)> {
        let open_id = open_id.as_str().to_owned();
        self.run(move |connection| {
            connection.query_row(
                "INSERT INTO account (open_id, sign_ins) VALUES (?1, 1)
                 ON CONFLICT (open_id) DO UPDATE SET sign_ins = sign_ins + 1
                 RETURNING id, sign_ins",
                [open_id],
                |row| Ok((AccountId(row.get(0)?), row.get(1)?)),
            )
        })
        .await
    }

    /// Runs `work` where waiting for the disk holds nobody up.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<T> {
        let connection = Arc::clone(&self.connection);
        let done = tokio::task::spawn_blocking(move || {
            // A transaction that a panic cut off was rolled back when it was dropped.
            work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.unwrap_or(Err(rusqlite::Error::UnwindingPanic))
    }

    /// Writes the log back into the file and closes it, once nobody else holds it.
    pub(crate) async fn close(self) {
        if let Err(error) =
            self.run(|connection| connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")).await
        {
            tracing::warn!(%error, "the database could not be written back");
        }
    }
}

/// Sets the connection up, makes the schema in an empty file, and tells the schema's version.
fn prepare(connection: &mut Connection, schema: &str) -> rusqlite::Result<i64> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let transaction = connection.transaction()?;
    let is_empty = transaction
        .query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |_| Ok(()))
        .optional()?
        .is_none();
    if is_empty {
        transaction.execute_batch(ACCOUNTS)?;
        transaction.execute_batch(schema)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    let version = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    transaction.commit()?;
    Ok(version)
}

fn is_sound(connection: &Connection) -> rusqlite::Result<bool> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(verdict == "ok")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> Result<Database, String> {
        Database::open(path, "").map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_that_is_no_database_is_reported_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("teahouse.sqlite3");
        std::fs::write(&path, "tea ".repeat(2000)).unwrap();
        assert!(open(&path).err().unwrap().contains("is damaged"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "tea ".repeat(2000));
    }

    #[test]
    fn a_file_of_a_later_version_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("teahouse.sqlite3");
        open(&path).unwrap();
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
        assert!(open(&path).err().unwrap().contains("has version 7"));
    }

    #[test]
    fn a_directory_in_the_way_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        assert!(open(dir.path()).err().unwrap().contains("cannot be used"));
    }
}
