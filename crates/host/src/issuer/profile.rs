//! Any of the profiles, as data says.

use std::sync::Arc;

use minihost_core::Issuer;
use serde::Deserialize;

use super::{
    AuthorizeConfig, AuthorizeIssuer, AuthorizeSettings, ChallengeConfig, ChallengeIssuer,
    ChallengeSettings, ClientAuthentication, InvalidSettings, RelayConfig, RelayIssuer,
    RelaySettings,
};
use crate::{
    clock::Clock,
    ports::{CodeIssuer, HttpTransport, UserSession},
};

/// Which profile, and what the server is like. In TOML a table of the profile's name:
/// `[challenge]`, `[authorize]` or `[relay]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileSettings {
    /// The authorization challenge endpoint.
    Challenge(ChallengeSettings),
    /// The ordinary authorization endpoint.
    Authorize(Box<AuthorizeSettings>),
    /// The host's own backend.
    Relay(RelaySettings),
}

/// How a host makes code requests.
pub struct CodeIssuerConfig {
    /// The authorization server.
    pub issuer: Issuer,
    /// The host's own credentials; only the profile `challenge` uses them.
    pub client: Option<ClientAuthentication>,
    /// The profile.
    pub profile: ProfileSettings,
}

/// Makes the code issuer that the settings describe.
///
/// # Errors
/// [`InvalidSettings`], also for settings with more power than an app may hold.
pub fn code_issuer(
    config: CodeIssuerConfig,
    transport: Arc<dyn HttpTransport>,
    session: Arc<dyn UserSession>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn CodeIssuer>, InvalidSettings> {
    let CodeIssuerConfig { issuer, client, profile } = config;
    Ok(match profile {
        ProfileSettings::Challenge(settings) => {
            let client = client.ok_or_else(|| {
                InvalidSettings::new("the profile `challenge` needs the host's credentials")
            })?;
            let config = ChallengeConfig { issuer, client };
            Arc::new(ChallengeIssuer::with_settings(config, settings, transport, session, clock)?)
        }
        ProfileSettings::Authorize(settings) => {
            let config = AuthorizeConfig { issuer, settings: *settings };
            Arc::new(AuthorizeIssuer::new(config, transport, session, clock)?)
        }
        ProfileSettings::Relay(settings) => {
            let config = RelayConfig { issuer, settings };
            Arc::new(RelayIssuer::new(config, transport, session, clock)?)
        }
    })
}
