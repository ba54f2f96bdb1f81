//! Read-only connections.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::open;
use crate::error::StoreError;

const CONNECTIONS: u32 = 4;

/// A pool of connections that are opened when first needed. Cheap to clone.
#[derive(Clone)]
pub(super) struct Readers(Arc<Pool>);

struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    turns: Semaphore,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self(Arc::new(Pool {
            path: path.to_owned(),
            idle: Mutex::default(),
            turns: Semaphore::new(CONNECTIONS as usize),
        }))
    }

    /// Runs `work` in the caller's own thread: what it reads is found by a key and lies in memory as a
    /// rule, so that handing it to another thread would take many times as long as the work.
    pub(super) async fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let turn = self.0.turns.acquire().await.map_err(|_| StoreError::closed())?;
        let idle = self.0.idle().pop();
        let connection = idle.map_or_else(|| open::read_only(&self.0.path), Ok)?;
        let outcome = work(&connection);
        self.0.idle().push(connection);
        // Only now may the next reader come, or `close`: the connection is back.
        drop(turn);
        Ok(outcome?)
    }

    /// Waits for the reads that run and closes the connections; later reads fail.
    pub(super) async fn close(&self) {
        let all = self.0.turns.acquire_many(CONNECTIONS).await;
        self.0.turns.close();
        drop(all);
        let idle = std::mem::take(&mut *self.0.idle());
        drop(idle);
    }
}

impl Pool {
    // A connection whose reader panicked was not put back, so what is here is whole.
    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
