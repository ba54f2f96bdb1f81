//! Registering a client from a description in the words of RFC 7591 §2.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use minihost_authorization_server::{
    ClientAuthentication, ClientId, ClientKind, ClientRegistration, ClientSecret, GrantType,
    RedirectUri, RefreshPolicy, Registry, Requirement, Scopes,
};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(600);
const REFRESH_TOKEN_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What a client wants to be.
#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields, default)]
pub struct ClientMetadata {
    /// Where it receives codes.
    pub redirect_uris: Vec<String>,
    /// What it sends to the token endpoint; without a word, `authorization_code` and
    /// `refresh_token`.
    pub grant_types: Vec<String>,
    /// How it authenticates; without a word, `client_secret_basic`.
    pub token_endpoint_auth_method: Option<String>,
    /// The scopes it may get, as one list; without a word, those that tell of the user.
    pub scope: Option<String>,
}

/// A client as RFC 7591 §3.2.1 answers.
#[derive(Serialize, Clone)]
pub struct RegisteredClient {
    /// Its new identifier.
    pub client_id: String,
    /// Its secret, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

impl ClientMetadata {
    pub(crate) async fn register(self, registry: &Registry) -> Result<RegisteredClient, Failure> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let client_id = format!("client-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let (authentication, client_secret) = self.authentication()?;
        let public = client_secret.is_none();
        let mut registration = ClientRegistration::new(
            ClientId::new(client_id.clone())?,
            self.kind(),
            authentication,
            Scopes::parse(self.scope.as_deref().unwrap_or("openid profile email phone"))?,
        );
        if self.uses("password") {
            registration.grants.insert(GrantType::Password);
        }
        let redirect_uris = self.redirect_uris.iter().map(RedirectUri::new);
        registration.redirect_uris = redirect_uris.collect::<Result<_, _>>()?;
        registration.access_token_lifetime = ACCESS_TOKEN_LIFETIME;
        registration.refresh = self.refresh(public);
        registry.put_client(registration).await?;
        Ok(RegisteredClient { client_id, client_secret })
    }

    fn authentication(&self) -> Result<(ClientAuthentication, Option<String>), Failure> {
        let method = self.token_endpoint_auth_method.as_deref().unwrap_or("client_secret_basic");
        match method {
            "none" => Ok((ClientAuthentication::None, None)),
            "client_secret_basic" | "client_secret_post" => {
                let secret = ClientSecret::generate()?;
                let clear = secret.expose().to_owned();
                Ok((ClientAuthentication::Secret(secret), Some(clear)))
            }
            other => Err(Failure::new(format!("no client can be registered for {other}"))),
        }
    }

    fn kind(&self) -> ClientKind {
        match self.uses("password") {
            true => ClientKind::Host {
                may_mediate_for: Vec::new(),
                consent_evidence: Requirement::Optional,
            },
            false => ClientKind::MiniProgram,
        }
    }

    fn refresh(&self, public: bool) -> RefreshPolicy {
        let lifetime = REFRESH_TOKEN_LIFETIME;
        match (self.grant_types.is_empty() || self.uses("refresh_token"), public) {
            (false, _) => RefreshPolicy::None,
            (true, true) => RefreshPolicy::Rotating { lifetime },
            (true, false) => RefreshPolicy::Fixed { lifetime },
        }
    }

    fn uses(&self, grant_type: &str) -> bool {
        self.grant_types.iter().any(|one| one == grant_type)
    }
}
