//! Which grants at the server came of the codes that were made here: an app names a grant by its
//! mini-program, a server by an id.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, params};

use crate::failure::Failure;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS grants (
        user TEXT NOT NULL,
        client_id TEXT NOT NULL,
        grant_id TEXT NOT NULL,
        ended INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (user, client_id, grant_id)
    ) STRICT, WITHOUT ROWID;
";

/// What is known of a user's grants to a mini-program.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// These live.
    Live(Vec<String>),
    /// All have ended.
    Ended,
    /// The server never named one.
    Nothing,
}

/// The grants on disk. Clones are the same.
#[derive(Clone)]
pub(crate) struct Grants(Arc<Mutex<Connection>>);

impl Grants {
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        Self::over(Connection::open(path)?)
    }

    /// Gone with the process.
    pub(crate) fn in_memory() -> Result<Self, Failure> {
        Self::over(Connection::open_in_memory()?)
    }

    fn over(connection: Connection) -> Result<Self, Failure> {
        // A grant that was forgotten could never be ended.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Notes a grant before its code is handed out.
    pub(crate) async fn add(&self, user: &str, client: &str, grant: &str) -> rusqlite::Result<()> {
        let of = [user, client, grant].map(str::to_owned);
        self.run(move |connection| {
            let [user, client, grant] = of;
            let written = connection.transaction()?;
            // One that ended is of no interest once there is another.
            written.execute(
                "DELETE FROM grants WHERE user = ?1 AND client_id = ?2 AND ended = 1",
                params![user, client],
            )?;
            written.execute(
                "INSERT INTO grants (user, client_id, grant_id) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING",
                params![user, client, grant],
            )?;
            written.commit()
        })
        .await
    }

    pub(crate) async fn known(&self, user: &str, client: &str) -> rusqlite::Result<Known> {
        let of = [user, client].map(str::to_owned);
        self.run(move |connection| {
            let mut query = connection.prepare_cached(
                "SELECT grant_id, ended FROM grants WHERE user = ?1 AND client_id = ?2",
            )?;
            let rows = query.query_map(of, |row| Ok((row.get(0)?, row.get(1)?)))?;
            let rows: Vec<(String, bool)> = rows.collect::<Result<_, _>>()?;
            if rows.is_empty() {
                return Ok(Known::Nothing);
            }
            let live: Vec<_> =
                rows.into_iter().filter(|(_, ended)| !ended).map(|(grant, _)| grant).collect();
            Ok(if live.is_empty() { Known::Ended } else { Known::Live(live) })
        })
        .await
    }

    pub(crate) async fn end(&self, user: &str, client: &str, grant: &str) -> rusqlite::Result<()> {
        let of = [user, client, grant].map(str::to_owned);
        self.run(move |connection| {
            let end = "UPDATE grants SET ended = 1
                       WHERE user = ?1 AND client_id = ?2 AND grant_id = ?3";
            connection.execute(end, of).map(|_| ())
        })
        .await
    }

    /// Off the threads that serve: a disk takes its time.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<T> {
        let connection = self.0.clone();
        let done = tokio::task::spawn_blocking(move || {
            work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.unwrap_or(Err(rusqlite::Error::InvalidQuery))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn grants_are_known_by_user_and_program_also_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("grants.sqlite");
        let grants = Grants::open(&path).unwrap();
        assert_eq!(grants.known("alice", "tea").await, Ok(Known::Nothing));
        for grant in ["g1", "g2", "g1"] {
            grants.add("alice", "tea", grant).await.unwrap();
        }
        grants.add("alice", "cinema", "g3").await.unwrap();
        drop(grants);
        let grants = Grants::open(&path).unwrap();
        let live = Known::Live(vec!["g1".into(), "g2".into()]);
        assert_eq!(grants.known("alice", "tea").await, Ok(live));
        assert_eq!(grants.known("bob", "tea").await, Ok(Known::Nothing));
        for grant in ["g1", "g2"] {
            grants.end("alice", "tea", grant).await.unwrap();
        }
        assert_eq!(grants.known("alice", "tea").await, Ok(Known::Ended));
        grants.add("alice", "tea", "g4").await.unwrap();
        assert_eq!(grants.known("alice", "tea").await, Ok(Known::Live(vec!["g4".into()])));
    }
}
