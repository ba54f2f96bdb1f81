//! Why the relay does not run.

use std::io;
use std::path::PathBuf;

use minihost::issuer::InvalidSettings;

/// A sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A file cannot be read.
    #[error("{path} cannot be read: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file is not what is expected.
    #[error("the configuration cannot be used: {0}")]
    Config(String),
    /// The database of grants does not open.
    #[error("the database of grants cannot be used: {0}")]
    Database(#[from] rusqlite::Error),
    /// No port.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl From<InvalidSettings> for Failure {
    fn from(error: InvalidSettings) -> Self {
        Self::Config(error.to_string())
    }
}
