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
/// [`InvalidSettings`], also for settings with more power than an app may hold, and for `challenge` with
/// [credentials that the backend holds](ClientAuthentication::Relay).
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

#[cfg(test)]
mod tests {
    use minihost_core::ClientId;

    use super::{super::tokens::Tokens, *};
    use crate::{SystemClock, http::ReqwestTransport};

    fn made(client: ClientAuthentication, profile: ProfileSettings) -> Result<(), InvalidSettings> {
        let issuer = Issuer::new("https://as.example");
        let config = CodeIssuerConfig { issuer, client: Some(client), profile };
        let (transport, clock) = (Arc::new(ReqwestTransport::new()), Arc::new(SystemClock::new()));
        code_issuer(config, transport, Tokens::two(), clock).map(drop)
    }

    #[test]
    fn credentials_that_the_backend_holds_go_with_the_profile_that_asks_it() {
        let client_id = ClientId::new("harbour");
        let at_backend = || ClientAuthentication::Relay { client_id: client_id.clone() };
        let challenge = || ProfileSettings::Challenge(ChallengeSettings::default());
        let base = "https://api.harbour.example".to_owned();
        let refused = made(at_backend(), challenge()).unwrap_err().to_string();
        assert!(refused.contains("take the profile `relay` with its address"), "{refused}");
        made(at_backend(), ProfileSettings::Relay(RelaySettings { base })).unwrap();
        made(ClientAuthentication::None { client_id: client_id.clone() }, challenge()).unwrap();
    }
}
