//! Where the host keeps what it remembers.

use std::{io, path::PathBuf};

use async_trait::async_trait;
use minihost_core::Remembered;

use super::SecretStoreError;

/// Keeps all that the host remembers of its users' grants, as one whole.
#[async_trait]
pub trait GrantStore: Send + Sync {
    /// Reads what the last save wrote. What cannot be trusted is not returned.
    ///
    /// # Errors
    /// [`GrantStoreError`]; it is still there, but cannot be read now.
    async fn load(&self) -> Result<Remembered, GrantStoreError>;

    /// Writes all of it in place of what was there. Once it returns it survives a crash and a power
    /// cut; until then what was there before does. Of saves that overlap, the one called
    /// last is what stays.
    ///
    /// # Errors
    /// [`GrantStoreError`]; what was there before is still there.
    async fn save(&self, remembered: &Remembered) -> Result<(), GrantStoreError>;
}

/// Why grants were not read or written.
#[derive(Debug, thiserror::Error)]
pub enum GrantStoreError {
    /// The file system refused.
    #[error(
        "{path} cannot be {doing} ({source}); check that its directory exists, is writable and has room"
    )]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What was tried, as a participle.
        doing: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
    /// The key that authenticates the grants is out of reach.
    #[error("the key of the remembered grants is out of reach: {0}")]
    Key(#[from] SecretStoreError),
    /// The host's own store failed.
    #[error("the host's store of remembered grants failed: {0}")]
    Store(&'static str),
    /// [`GrantStore::load`] has not succeeded yet, and saving would overwrite what was not read.
    #[error("the remembered grants were not loaded yet; load them before saving")]
    NotLoaded,
}
