//! Where a program keeps what must outlive it: one SQLite file per program.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction};

use crate::{Customer, OpenError, oauth::OpenId};

/// The schema version that this code writes.
const VERSION: i64 = 2;

/// An account may have come from elsewhere; then it is nobody's until its owner has signed in.
const ACCOUNTS: &str = "
    CREATE TABLE account (
        id INTEGER PRIMARY KEY,
        email TEXT,
        created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
        sign_ins INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX account_by_email ON account (email) WHERE email IS NOT NULL;
    CREATE TABLE identity (
        open_id TEXT PRIMARY KEY,
        account_id INTEGER NOT NULL REFERENCES account (id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX identity_of_account ON identity (account_id);";

/// In the first version an account was its `open_id`.
const FROM_FIRST: &str = "
    CREATE TEMP TABLE first_account AS SELECT * FROM main.account;
    DROP TABLE main.account;";
const INTO_SECOND: &str = "
    INSERT INTO account (id, created_at, sign_ins)
        SELECT id, created_at, sign_ins FROM first_account;
    INSERT INTO identity SELECT open_id, id FROM first_account;
    DROP TABLE temp.first_account;";

/// A local user of one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccountId(i64);

impl rusqlite::ToSql for AccountId {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

/// A customer's account that nobody has signed in to yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownCustomer {
    account: AccountId,
    pub(crate) email: String,
    /// When the account was made, RFC 3339.
    pub(crate) since: String,
}

/// Whom a pairwise subject stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nobody stands in the way of signing in: they are known, or clearly new.
    Settled,
    /// A stranger with the verified address of a customer.
    Perhaps(KnownCustomer),
}

/// One program's database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Database {
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    /// Opens the file, or makes it with the accounts and `schema`, and with an account for each of
    /// the customers.
    pub(crate) fn open(
        path: &Path,
        schema: &str,
        customers: &[Customer],
    ) -> Result<Self, OpenError> {
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
        welcome(&mut connection, customers).map_err(failed)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Looks whom a pairwise subject stands for. One program trusts one authorization server, so
    /// the subject alone names the user; a verified address is only reason to ask.
    pub(crate) async fn find(
        &self,
        open_id: &OpenId,
        verified_email: Option<&str>,
    ) -> rusqlite::Result<Found> {
        let open_id = open_id.as_str().to_owned();
        let email = verified_email.map(str::to_owned);
        self.run(move |connection| {
            let is_known = connection
                .query_row("SELECT 1 FROM identity WHERE open_id = ?1", [open_id], |_| Ok(()))
                .optional()?
                .is_some();
            let customer = connection
                .query_row(
                    "SELECT id, email, created_at FROM account AS a WHERE email = ?1
                     AND NOT EXISTS (SELECT 1 FROM identity WHERE account_id = a.id)
                     ORDER BY id LIMIT 1",
                    [email],
                    |row| {
                        let account = AccountId(row.get(0)?);
                        Ok(KnownCustomer { account, email: row.get(1)?, since: row.get(2)? })
                    },
                )
                .optional()?;
            Ok(match customer {
                Some(customer) if !is_known => Found::Perhaps(customer),
                _ => Found::Settled,
            })
        })
        .await
    }

    /// Finds or makes the local user for a pairwise subject, and counts the sign-in.
    pub(crate) async fn sign_in(&self, open_id: &OpenId) -> rusqlite::Result<(AccountId, i64)> {
        let open_id = open_id.as_str().to_owned();
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            let signed_in = sign_in(&transaction, &open_id)?;
            transaction.commit()?;
            Ok(signed_in)
        })
        .await
    }

    /// Makes the customer's account this subject's, unless somebody was faster, and counts the
    /// sign-in.
    pub(crate) async fn link(
        &self,
        open_id: &OpenId,
        customer: &KnownCustomer,
    ) -> rusqlite::Result<(AccountId, i64)> {
        let (open_id, account) = (open_id.as_str().to_owned(), customer.account);
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            transaction.execute(
                "INSERT INTO identity SELECT ?1, ?2
                 WHERE NOT EXISTS (SELECT 1 FROM identity WHERE account_id = ?2)
                 ON CONFLICT DO NOTHING",
                (&open_id, account),
            )?;
            let signed_in = sign_in(&transaction, &open_id)?;
            transaction.commit()?;
            Ok(signed_in)
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

fn sign_in(transaction: &Transaction<'_>, open_id: &str) -> rusqlite::Result<(AccountId, i64)> {
    let known: Option<i64> = transaction
        .query_row("SELECT account_id FROM identity WHERE open_id = ?1", [open_id], |row| {
            row.get(0)
        })
        .optional()?;
    let account = match known {
        Some(account) => account,
        None => {
            transaction.execute("INSERT INTO account DEFAULT VALUES", [])?;
            let account = transaction.last_insert_rowid();
            transaction.execute("INSERT INTO identity VALUES (?1, ?2)", (open_id, account))?;
            account
        }
    };
    transaction.query_row(
        "UPDATE account SET sign_ins = sign_ins + 1 WHERE id = ?1 RETURNING id, sign_ins",
        [account],
        |row| Ok((AccountId(row.get(0)?), row.get(1)?)),
    )
}

/// Makes an account for each customer who has none.
fn welcome(connection: &mut Connection, customers: &[Customer]) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    for Customer { email } in customers {
        transaction.execute(
            "INSERT INTO account (email, sign_ins)
             SELECT ?1, 1 WHERE NOT EXISTS (SELECT 1 FROM account WHERE email = ?1)",
            [email],
        )?;
    }
    transaction.commit()
}

/// Sets the connection up, makes the schema in an empty file or brings an earlier one up to date,
/// and tells the schema's version.
fn prepare(connection: &mut Connection, schema: &str) -> rusqlite::Result<i64> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Off while tables that others refer to are made anew.
    connection.pragma_update(None, "foreign_keys", false)?;
    let transaction = connection.transaction()?;
    let is_empty = transaction
        .query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |_| Ok(()))
        .optional()?
        .is_none();
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if is_empty {
        transaction.execute_batch(ACCOUNTS)?;
        transaction.execute_batch(schema)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    } else if version == 1 {
        for statements in [FROM_FIRST, ACCOUNTS, INTO_SECOND] {
            transaction.execute_batch(statements)?;
        }
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    let version = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    transaction.commit()?;
    connection.pragma_update(None, "foreign_keys", true)?;
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
        Database::open(path, "", &[]).map_err(|error| error.to_string())
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

    #[tokio::test]
    async fn a_file_of_the_first_version_keeps_its_accounts_and_what_belongs_to_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("teahouse.sqlite3");
        let first = Connection::open(&path).unwrap();
        first
            .execute_batch(
                "CREATE TABLE account (
                     id INTEGER PRIMARY KEY,
                     open_id TEXT NOT NULL UNIQUE,
                     created_at TEXT NOT NULL,
                     sign_ins INTEGER NOT NULL DEFAULT 0
                 ) STRICT;
                 CREATE TABLE tea_order (
                     id INTEGER PRIMARY KEY,
                     account_id INTEGER NOT NULL REFERENCES account (id)
                 ) STRICT;
                 INSERT INTO account VALUES (3, 'alice-here', '2026-01-01T00:00:00Z', 7);
                 INSERT INTO tea_order VALUES (1, 3);
                 PRAGMA user_version = 1;",
            )
            .unwrap();
        drop(first);
        let database = open(&path).unwrap();
        let alice = OpenId::for_test("alice-here");
        assert_eq!(database.find(&alice, None).await.unwrap(), Found::Settled);
        assert_eq!(database.sign_in(&alice).await.unwrap(), (AccountId(3), 8));
        let is_whole = |connection: &mut Connection| {
            Ok(!connection.prepare("PRAGMA foreign_key_check")?.exists([])?)
        };
        assert!(database.run(is_whole).await.unwrap());
    }

    #[tokio::test]
    async fn a_customers_account_goes_to_who_says_that_it_is_theirs_and_only_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("teahouse.sqlite3");
        let customers = || [Customer { email: "alice@mail.example".to_owned() }];
        drop(Database::open(&path, "", &customers()).unwrap());
        let database = Database::open(&path, "", &customers()).unwrap();
        let (alice, bob) = (OpenId::for_test("alice"), OpenId::for_test("bob"));
        assert_eq!(database.find(&alice, None).await.unwrap(), Found::Settled);
        assert_eq!(
            database.find(&alice, Some("other@mail.example")).await.unwrap(),
            Found::Settled
        );
        let address = Some("alice@mail.example");
        let Found::Perhaps(customer) = database.find(&alice, address).await.unwrap() else {
            panic!("the customer is not found");
        };
        let (account, sign_ins) = database.link(&alice, &customer).await.unwrap();
        assert_eq!((account, sign_ins), (customer.account, 2));
        assert_eq!(database.sign_in(&alice).await.unwrap(), (account, 3));
        // Whoever comes later under the same address gets an account of their own.
        assert_eq!(database.find(&bob, address).await.unwrap(), Found::Settled);
        let (other, sign_ins) = database.link(&bob, &customer).await.unwrap();
        assert_ne!(other, account);
        assert_eq!(sign_ins, 1);
    }
}
