//! `keys`: replacing the signing keys.

use std::sync::Arc;

use clap::Subcommand;
use minihost_authorization_server::{Registry, SigningAlgorithm, SystemClock};

use super::{ConfigFile, Failure, with_existing};

/// Replace the signing keys.
#[derive(Subcommand)]
pub(super) enum Keys {
    /// Sign with new keys; the old ones stay published for a day, for what they signed.
    Rotate,
    /// The way out when the key file beside the database is lost or damaged and there is no copy.
    ///
    /// Makes a new key file and new keys, and sets a damaged one aside. ID tokens from before can no
    /// longer be checked, and codes shown on devices for confirmation no longer work; all other codes
    /// and tokens are as good as they were. The server must not be running.
    Reset,
}

impl Keys {
    pub(super) async fn run(self, config: &ConfigFile) -> Result<(), Failure> {
        let made = match self {
            Self::Rotate => {
                with_existing(config, async |registry| Ok(registry.rotate_keys().await?)).await?
            }
            Self::Reset => {
                let database = config.existing_database()?;
                Registry::reset_keys(&database, Arc::new(SystemClock)).await?
            }
        };
        let names: Vec<_> = made.iter().map(SigningAlgorithm::to_string).collect();
        println!("There are new keys for {}.", names.join(", "));
        Ok(())
    }
}
