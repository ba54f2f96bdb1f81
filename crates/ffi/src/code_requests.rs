//! How the host asks for codes.

use std::collections::HashMap;

use minihost::issuer::{self, ParameterSettings, ProfileSettings, RelaySettings};

use crate::error::StartError;

/// How the host asks the authorization server for codes, and what that server is like.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum CodeRequests {
    /// At its authorization challenge endpoint.
    Challenge {
        /// How the server differs from the profile.
        settings: ChallengeSettings,
    },
    /// At its ordinary authorization endpoint, without a browser.
    Authorize {
        /// The profile's settings, a JSON object with the members of `[authorize]` in
        /// `tests/interop/README.md`. Not for secrets.
        settings: String,
    },
    /// At the host's own backend, which holds the host's credentials: the way for phones.
    Relay {
        /// The backend's address, without `/v1`.
        base: String,
    },
}

/// What a server with an authorization challenge endpoint is like.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct ChallengeSettings {
    /// The endpoint, where the metadata does not say that it issues codes to hosts.
    #[uniffi(default = None)]
    pub endpoint: Option<String>,
    /// Parameters of the profile that the server knows by other names.
    #[uniffi(default)]
    pub rename: HashMap<String, String>,
    /// Parameters that go with every request, with their values. Not for secrets.
    #[uniffi(default)]
    pub add: HashMap<String, String>,
    /// Parameters of the profile that the server does not take.
    #[uniffi(default)]
    pub leave_out: Vec<String>,
}

impl CodeRequests {
    pub(crate) fn read(self) -> Result<ProfileSettings, StartError> {
        Ok(match self {
            Self::Challenge { settings } => ProfileSettings::Challenge(settings.into()),
            Self::Authorize { settings } => {
                let read = serde_json::from_str(&settings);
                ProfileSettings::Authorize(read.map_err(|error| {
                    StartError::Configuration(format!("the settings cannot be read: {error}"))
                })?)
            }
            Self::Relay { base } => ProfileSettings::Relay(RelaySettings { base }),
        })
    }
}

impl From<ChallengeSettings> for issuer::ChallengeSettings {
    fn from(settings: ChallengeSettings) -> Self {
        let ChallengeSettings { endpoint, rename, add, leave_out } = settings;
        let parameters = ParameterSettings {
            rename: rename.into_iter().collect(),
            add: add.into_iter().collect(),
            leave_out: leave_out.into_iter().collect(),
        };
        Self { endpoint, parameters }
    }
}
