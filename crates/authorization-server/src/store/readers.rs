//! Read-only connections, used from blocking threads.

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
    turns: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self(Arc::new(Pool {
            path: path.to_owned(),
            idle: Mutex::default(),
            turns: Arc::new(Semaphore::new(CONNECTIONS as usize)),
        }))
    }

    pub(super) async fn read<T, Work>(&self, work: Work) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Work: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let turn =
            Arc::clone(&self.0.turns).acquire_owned().await.map_err(|_| StoreError::closed())?;
        let pool = Arc::clone(&self.0);
        let answer = tokio::task::spawn_blocking(move || {
            let idle = pool.idle().pop();
            let connection = idle.map_or_else(|| open::read_only(&pool.path), Ok)?;
            let outcome = work(&connection);
            pool.idle().push(connection);
            // Only now may the next reader come, or `close`: the connection is back.
            drop(turn);
            outcome
        });
        match answer.await {
            Ok(outcome) => outcome.map_err(StoreError::from),
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        }
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
