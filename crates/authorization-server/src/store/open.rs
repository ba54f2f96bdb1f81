//! Opening the database file: made anew, recognised, or refused with a reason.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{migration, schema};
use crate::crash::{CrashPoint, reached};
use crate::error::OpenError;
use crate::pairwise::PairwiseSalt;
use crate::secret::random;

const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
const STATEMENTS: usize = 64;
/// How many pages the log may have before they are moved into the database, 16 MiB of them. The last
/// pages of tables and indexes are in it many times and are moved once.
const CHECKPOINT: u32 = 4096;

/// Opens the file for writing, makes the tables when it is empty, and checks that it is sound.
pub(super) fn writable(path: &Path) -> Result<(Connection, PairwiseSalt), OpenError> {
    make_private(path)?;
    let refuse = |error: rusqlite::Error| refusal(path, &error);
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(refuse)?;
    recognise(&connection, path)?;
    durable(&connection).map_err(refuse)?;
    // A migration replaces tables that others refer to; within a transaction this cannot be changed.
    connection.pragma_update(None, "foreign_keys", false).map_err(refuse)?;
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(refuse)?;
    if is_empty(&transaction).map_err(refuse)? {
        create(&transaction, *random()?).map_err(refuse)?;
        reached(CrashPoint::SchemaMade);
    }
    let version =
        transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(refuse)?;
    if version != schema::VERSION {
        migration::migrate(&transaction, version).map_err(refuse)?;
        reached(CrashPoint::Migrated);
    }
    transaction.commit().map_err(refuse)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(refuse)?;
    let salt = connection
        .query_row("SELECT pairwise_salt FROM server", (), |row| row.get(0))
        .map_err(refuse)?;
    Ok((connection, PairwiseSalt(salt)))
}

/// Opens the file for reading; it must have been opened for writing before.
pub(super) fn read_only(path: &Path) -> rusqlite::Result<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn connect(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    // One thread at a time uses each connection, so SQLite need not lock.
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Otherwise SQLite compiles most statements anew whenever other values are bound to them.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // What a savepoint may have to undo would otherwise take a block of 64 KiB anew each time.
    connection.pragma_update(None, "temp_store", "memory")?;
    Ok(connection)
}

/// Makes the file readable by its owner only; SQLite gives `-wal` and `-shm` the same mode.
pub(super) fn make_private(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| OpenError::Inaccessible {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

fn durable(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT, |_| Ok(()))?;
    // macOS acknowledges an ordinary fsync before the disk has the data.
    connection.pragma_update(None, "fullfsync", true)
}

fn recognise(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let refuse = |error: rusqlite::Error| refusal(path, &error);
    let pragma = |name| {
        connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(refuse)
    };
    if !is_empty(connection).map_err(refuse)? {
        if pragma("application_id")? != schema::APPLICATION_ID {
            return Err(OpenError::Foreign { path: path.to_owned() });
        }
        let found = pragma("user_version")?;
        if !(1..=schema::VERSION).contains(&found) {
            return Err(OpenError::SchemaVersion {
                path: path.to_owned(),
                found,
                known: schema::VERSION,
            });
        }
    }
    let verdict: String =
        connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0)).map_err(refuse)?;
    if verdict != "ok" {
        let reason = verdict.replace('\n', " ");
        return Err(OpenError::Damaged { path: path.to_owned(), reason });
    }
    if pragma("user_version")? == schema::VERSION && !has_our_tables(connection).map_err(refuse)? {
        return Err(OpenError::Tables { path: path.to_owned() });
    }
    Ok(())
}

/// Whether every table and index is there just as this server makes it.
fn has_our_tables(connection: &Connection) -> rusqlite::Result<bool> {
    let new = Connection::open_in_memory()?;
    new.execute_batch(schema::CREATE)?;
    let found = definitions(connection)?;
    Ok(definitions(&new)?.iter().all(|(name, ours)| found.get(name) == Some(ours)))
}

fn definitions(connection: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut find =
        connection.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")?;
    find.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", (), |row| row.get(0))
}

fn create(connection: &Connection, salt: [u8; 32]) -> rusqlite::Result<()> {
    connection.execute_batch(schema::CREATE)?;
    connection.execute("INSERT INTO server (only_row, pairwise_salt) VALUES (1, ?1)", [salt])?;
    connection.pragma_update(None, "application_id", schema::APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", schema::VERSION)
}

fn refusal(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    let reason = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Locked { path },
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            OpenError::Damaged { path, reason }
        }
        Some(_) => OpenError::Inaccessible { path, reason },
        None => OpenError::Damaged { path, reason },
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::tempdir;

    use super::*;

    #[test]
    fn a_new_file_gets_the_schema_and_keeps_its_salt() {
        let directory = tempdir().unwrap();
        let path = directory.path().join("a.sqlite");
        let (_, first) = writable(&path).unwrap();
        let (connection, second) = writable(&path).unwrap();
        assert_eq!(first.0, second.0);
        let synchronous: i64 =
            connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        let journal: String =
            connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!((synchronous, journal.as_str()), (2, "wal"));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_files() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempdir().unwrap();
        let path = directory.path().join("a.sqlite");
        let _open = writable(&path).unwrap();
        let mut seen = 0;
        for entry in fs::read_dir(directory.path()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
            seen += 1;
        }
        assert!(seen >= 2, "the log lies beside the database");
    }

    #[test]
    fn a_file_that_is_no_database_is_called_damaged() {
        let directory = tempdir().unwrap();
        let path = directory.path().join("a.sqlite");
        fs::write(&path, "not a database, but long enough to be looked at ".repeat(30)).unwrap();
        assert!(matches!(writable(&path), Err(OpenError::Damaged { .. })));
        assert!(fs::read(&path).unwrap().starts_with(b"not a database"), "nothing is overwritten");
    }

    #[test]
    fn overwritten_pages_are_called_damaged() {
        let directory = tempdir().unwrap();
        let path = directory.path().join("a.sqlite");
        drop(writable(&path).unwrap());
        let mut bytes = fs::read(&path).unwrap();
        for byte in &mut bytes[5000..] {
            *byte = 0x5a;
        }
        fs::write(&path, bytes).unwrap();
        assert!(matches!(writable(&path), Err(OpenError::Damaged { .. })));
    }

    #[test]
    fn a_database_of_another_program_is_foreign_and_stays_as_it_is() {
        let directory = tempdir().unwrap();
        let path = directory.path().join("a.sqlite");
        let other = Connection::open(&path).unwrap();
        other.execute_batch("CREATE TABLE notes (text)").unwrap();
        drop(other);
        let before = fs::read(&path).unwrap();
        assert!(matches!(writable(&path), Err(OpenError::Foreign { .. })));
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_newer_schema_is_refused_with_both_versions() {
        let directory = tempdir().unwrap();
        let path = directory.path().join("a.sqlite");
        let (connection, _) = writable(&path).unwrap();
        connection.pragma_update(None, "user_version", schema::VERSION + 1).unwrap();
        drop(connection);
        let refused = writable(&path);
        assert!(matches!(refused, Err(OpenError::SchemaVersion { found: 3, known: 2, .. })));
    }

    #[test]
    fn a_file_whose_tables_are_not_those_of_its_version_is_refused() {
        for change in [
            "ALTER TABLE device_requests DROP COLUMN polled_at",
            "ALTER TABLE users ADD COLUMN more TEXT",
            "DROP INDEX authorizations_by_session",
        ] {
            let directory = tempdir().unwrap();
            let path = directory.path().join("a.sqlite");
            let (connection, _) = writable(&path).unwrap();
            connection.execute_batch(change).unwrap();
            drop(connection);
            let refused = writable(&path).err().map(|error| error.to_string());
            let refused = refused.unwrap_or_default();
            assert!(refused.contains("other tables than this server"), "{change}: {refused}");
        }
    }

    #[test]
    fn a_directory_that_is_not_there_is_inaccessible() {
        let directory = tempdir().unwrap();
        let path = directory.path().join("missing").join("a.sqlite");
        assert!(matches!(writable(&path), Err(OpenError::Inaccessible { .. })));
    }
}
