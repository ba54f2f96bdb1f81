//! Registering a client from a description in the words of RFC 7591 §2 and its kin.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use minihost_authorization_server::{
    ClientAuthentication, ClientId, ClientKind, ClientRegistration, ClientSecret, Dialect,
    GrantType, PublicKeys, RedirectUri, RefreshPolicy, Registry, Requirement, Scopes,
    SigningAlgorithm,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;

/// What a client wants to be.
#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields, default)]
pub struct ClientMetadata {
    /// Its identifier; without a word, a new one.
    pub client_id: Option<String>,
    /// Its secret; without a word, a new one.
    pub client_secret: Option<String>,
    /// Where it receives codes.
    pub redirect_uris: Vec<String>,
    /// What it sends to the token endpoint, and `implicit`; without a word, `authorization_code`
    /// and `refresh_token`.
    pub grant_types: Option<BTreeSet<String>>,
    /// How it authenticates; without a word, `client_secret_basic`.
    pub token_endpoint_auth_method: Option<String>,
    /// Its keys, for `private_key_jwt`.
    pub jwks: Option<Value>,
    /// The scopes it may get, as one list; without a word, those that tell of the user.
    pub scope: Option<String>,
    /// What its ID tokens are signed with; without a word, RS256 (OpenID Connect Registration §2).
    pub id_token_signed_response_alg: Option<SigningAlgorithm>,
    /// `native` for a program on its user's device; without a word, `web` (OpenID Connect
    /// Registration §2).
    pub application_type: Option<String>,
    /// Whether it must push its authorization requests (RFC 9126 §6).
    pub require_pushed_authorization_requests: bool,
    /// Whether its tokens must be bound to a key (RFC 9449 §5.2).
    pub dpop_bound_access_tokens: bool,
    /// Whether its codes must be protected by PKCE, for which no RFC has a word; they must without.
    pub require_pkce: Option<bool>,
    /// The spelling of OAuth that it speaks; without a word, the RFCs'.
    pub dialect: Dialect,
}

/// A client as RFC 7591 §3.2.1 answers.
#[derive(Serialize, Clone)]
pub struct RegisteredClient {
    /// Its identifier.
    pub client_id: String,
    /// Its secret, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

impl ClientMetadata {
    pub(crate) async fn register(self, registry: &Registry) -> Result<RegisteredClient, Failure> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let next = || format!("client-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let client_id = self.client_id.clone().unwrap_or_else(next);
        let (authentication, client_secret) = self.authentication()?;
        let scopes = self.scope.as_deref().unwrap_or("openid profile email phone");
        let mut registration = ClientRegistration::new(
            ClientId::new(client_id.clone())?,
            self.kind(),
            authentication,
            Scopes::parse(scopes)?,
        );
        if let Some(grant_types) = &self.grant_types {
            registration.grants = grants(grant_types)?;
            if !self.uses("refresh_token") {
                registration.refresh = RefreshPolicy::None;
            }
        }
        let redirect_uris = self.redirect_uris.iter().map(RedirectUri::new);
        registration.redirect_uris = redirect_uris.collect::<Result<_, _>>()?;
        if let Some(algorithm) = self.id_token_signed_response_alg {
            registration.id_token_algorithm = algorithm;
        }
        if let Some(kind) = &self.application_type {
            registration.application = serde_json::from_value(kind.as_str().into())?;
        }
        registration.pushed_requests = requirement(self.require_pushed_authorization_requests);
        registration.dpop = requirement(self.dpop_bound_access_tokens);
        registration.pkce = requirement(self.require_pkce.unwrap_or(true));
        registration.dialect = self.dialect;
        registry.put_client(registration).await?;
        Ok(RegisteredClient { client_id, client_secret })
    }

    fn authentication(&self) -> Result<(ClientAuthentication, Option<String>), Failure> {
        let method = self.token_endpoint_auth_method.as_deref().unwrap_or("client_secret_basic");
        match (method, &self.jwks) {
            ("none", None) => Ok((ClientAuthentication::None, None)),
            ("client_secret_basic" | "client_secret_post", None) => {
                let secret = match &self.client_secret {
                    Some(given) => ClientSecret::new(given.as_str())?,
                    None => ClientSecret::generate()?,
                };
                let clear = secret.expose().to_owned();
                Ok((ClientAuthentication::Secret(secret), Some(clear)))
            }
            ("private_key_jwt", Some(keys)) => {
                let keys = PublicKeys::from_json(&keys.to_string())?;
                Ok((ClientAuthentication::Keys(keys), None))
            }
            _ => Err(Failure::new(format!("no client can be registered for {method}"))),
        }
    }

    fn kind(&self) -> ClientKind {
        if self.uses("password") {
            let consent_evidence = Requirement::Optional;
            ClientKind::Host { may_mediate_for: Vec::new(), consent_evidence }
        } else {
            ClientKind::MiniProgram
        }
    }

    fn uses(&self, grant_type: &str) -> bool {
        self.grant_types.as_ref().is_some_and(|all| all.contains(grant_type))
    }
}

/// Refreshing is not among the grants that the server is told: it follows from another setting.
fn grants(grant_types: &BTreeSet<String>) -> Result<BTreeSet<GrantType>, Failure> {
    let grant_types = grant_types.iter().filter(|name| *name != "refresh_token");
    let grants = grant_types.map(|name| serde_json::from_value(name.as_str().into()));
    Ok(grants.collect::<Result<_, _>>()?)
}

fn requirement(required: bool) -> Requirement {
    if required { Requirement::Required } else { Requirement::Optional }
}
