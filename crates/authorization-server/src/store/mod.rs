//! The SQLite database: one writer thread that commits in groups, and readers beside it.

pub(crate) mod agreement;
pub(crate) mod assertions;
pub(crate) mod authorizations;
pub(crate) mod browser_sessions;
pub(crate) mod clients;
pub(crate) mod codes;
pub(crate) mod device_requests;
mod evidence;
pub(crate) mod external_logins;
pub(crate) mod grants;
mod lock;
pub(crate) mod logins;
mod migration;
mod open;
pub(crate) mod open_requests;
mod prune;
pub(crate) mod pushed_requests;
mod readers;
mod schema;
pub(crate) mod signing_keys;
pub(crate) mod tokens;
pub(crate) mod users;
mod writer;

use std::path::Path;

use rusqlite::Connection;

use crate::clock::SteeredClock;
use crate::error::{OpenError, StoreError};
use crate::keys::SealedKey;
use crate::pairwise::PairwiseSalt;

use readers::Readers;
use writer::Writer;

use lock::ServerLock;
#[cfg(test)]
pub(crate) use schema::APPLICATION_ID;

/// What a database is opened for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// To serve from it, which one process can do at a time. What is no longer needed is removed
    /// now and then.
    Serving,
    /// To change what is registered, beside a server that may be running.
    Administration,
}

/// A database that was opened just now.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) salt: PairwiseSalt,
    /// The signing keys, each with the name under which it was closed.
    pub(crate) sealed: Vec<(String, SealedKey)>,
}

/// The open database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    writer: Writer,
    readers: Readers,
}

impl Store {
    /// Opens or makes the database and starts the writer thread. Blocks.
    pub(crate) fn open(
        path: &Path,
        purpose: Purpose,
        clock: SteeredClock,
    ) -> Result<Opened, OpenError> {
        open::make_private(path)?;
        let lock = match purpose {
            Purpose::Serving => Some(ServerLock::take(path)?),
            Purpose::Administration => None,
        };
        let (connection, salt) = open::writable(path)?;
        let sealed = signing_keys::sealed(&connection)?;
        let writer = Writer::start(connection, lock, clock)?;
        let readers = Readers::new(path);
        Ok(Opened { store: Self { writer, readers }, salt, sealed })
    }

    /// Runs `work` in the writer thread; returns when what it wrote is on the disk.
    ///
    /// An error undoes what `work` wrote, and only that.
    pub(crate) async fn write<T, Work>(&self, work: Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// Runs `work` on a read-only connection; it sees everything whose `write` has returned.
    ///
    /// It runs in the caller's own thread, so it must be short: rows found by a key or an index.
    pub(crate) async fn read<T, Work>(&self, work: Work) -> Result<T, StoreError>
    where
        Work: FnOnce(&Connection) -> rusqlite::Result<T>,
    {
        self.readers.read(work).await
    }

    /// Finishes what is queued, moves the log into the database file and closes all connections.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
