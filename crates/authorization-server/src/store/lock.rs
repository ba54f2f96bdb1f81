//! One server to a database.
//!
//! Failed attempts and replays are remembered in memory, so two servers would each see half of them.
//! The command line may write beside a server; it remembers nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::OpenError;

/// Held by the process that serves from a database. The operating system releases it when the
/// process ends, however it ends.
pub(crate) struct ServerLock {
    _file: File,
}

impl ServerLock {
    /// Takes the lock of a database. Blocks only for the disk.
    pub(crate) fn take(database: &Path) -> Result<Self, OpenError> {
        let path = lock_file(database);
        let inaccessible = |error: std::io::Error| OpenError::Inaccessible {
            path: path.clone(),
            reason: error.to_string(),
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(inaccessible)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::Served { path: database.to_owned() }),
            Err(TryLockError::Error(error)) => Err(inaccessible(error)),
        }
    }
}

/// Where the lock of a database is. The file stays when the lock is released.
fn lock_file(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_has_one_server_until_the_lock_is_released() {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("a.sqlite");
        let held = ServerLock::take(&database).unwrap();
        assert!(matches!(ServerLock::take(&database), Err(OpenError::Served { .. })));
        assert!(ServerLock::take(&directory.path().join("b.sqlite")).is_ok());
        drop(held);
        assert!(ServerLock::take(&database).is_ok());
    }
}
