//! `keys`: replacing the signing keys.

use std::sync::Arc;

use clap::Subcommand;
use minihost_authorization_server::{KeyRotation, Registry, SigningAlgorithm, SystemClock};

use super::output::say;
use super::{ConfigFile, Failure, with_existing};

/// Replace the signing keys.
#[derive(Subcommand)]
pub(super) enum Keys {
    /// Publish new keys, which sign after `[keys] lead_seconds`; the old ones stay published for a day
    /// after that, for what they signed.
    Rotate {
        /// Sign with the new keys at once. Clients refuse ID tokens until they look for keys again.
        #[arg(long)]
        now: bool,

        /// Sign with the new keys at once and publish the old ones no more: others may have them.
        #[arg(long, conflicts_with = "now")]
        compromised: bool,
    },
    /// The way out when the key file beside the database is lost or damaged and there is no copy.
    ///
    /// Makes a new key file and new keys, and sets a damaged one aside. ID tokens from before can no
    /// longer be checked, and codes shown on devices for confirmation no longer work; all other codes
    /// and tokens are as good as they were. The server must not be running.
    Reset,
}

impl Keys {
    pub(super) async fn run(self, config: &ConfigFile) -> Result<(), Failure> {
        let (made, rotation) = match self {
            Self::Rotate { now, compromised } => {
                let rotation = match (now, compromised) {
                    (_, true) => KeyRotation::Compromised,
                    (true, false) => KeyRotation::AtOnce,
                    (false, false) => config.key_rotation(),
                };
                let rotate = async |registry: &Registry| Ok(registry.rotate_keys(rotation).await?);
                (with_existing(config, rotate).await?, rotation)
            }
            Self::Reset => {
                let database = config.existing_database()?;
                let made = Registry::reset_keys(&database, Arc::new(SystemClock)).await?;
                (made, KeyRotation::Compromised)
            }
        };
        let names: Vec<_> = made.iter().map(SigningAlgorithm::to_string).collect();
        let when = match rotation {
            KeyRotation::Ahead(lead) => format!("which sign in {} seconds", lead.as_secs()),
            KeyRotation::AtOnce | KeyRotation::Compromised => "which sign from now on".to_owned(),
        };
        say(format_args!("There are new keys for {}, {when}.", names.join(", ")))
    }
}
