//! The SQLite database: one writer thread that commits in groups, and readers beside it.

pub(crate) mod authorizations;
pub(crate) mod browser_sessions;
pub(crate) mod clients;
pub(crate) mod codes;
pub(crate) mod device_requests;
pub(crate) mod evidence;
pub(crate) mod grants;
mod migration;
mod open;
mod prune;
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
use crate::pairwise::PairwiseSalt;

use readers::Readers;
use writer::Writer;

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
        clock: SteeredClock,
    ) -> Result<(Self, PairwiseSalt), OpenError> {
        let (connection, salt) = open::writable(path)?;
        let writer = Writer::start(connection, clock)?;
        let readers = Readers::new(path);
        Ok((Self { writer, readers }, salt))
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
