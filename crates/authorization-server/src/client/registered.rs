//! A client as the operator sees it.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::{
    AccountRule, Application, AssertionRules, Client, ClientId, ClientKind, Dialect, GrantType,
    Names, Proof, RefreshPolicy, Requirement, WebOrigin,
};
use crate::jose::SigningAlgorithm;
use crate::redirect_uri::RedirectUri;
use crate::resource::Resource;
use crate::scope::Scopes;

/// What is registered of a client. The members are those of
/// [`ClientRegistration`](crate::ClientRegistration), without anything that proves who it is.
#[derive(Clone, Serialize)]
#[expect(missing_docs, reason = "each member is described where it is registered")]
pub struct RegisteredClient {
    pub id: ClientId,
    pub names: Names,
    pub publisher: Option<Names>,
    pub application: Application,
    /// What the client proves itself with.
    pub authentication: AuthenticationKind,
    pub kind: ClientKind,
    pub grants: BTreeSet<GrantType>,
    pub redirect_uris: Vec<RedirectUri>,
    pub origins: Vec<WebOrigin>,
    pub scopes: Scopes,
    pub default_scopes: Scopes,
    pub resources: Vec<Resource>,
    #[serde(serialize_with = "seconds")]
    pub access_token_lifetime: Duration,
    #[serde(serialize_with = "policy")]
    pub refresh: RefreshPolicy,
    pub id_token_algorithm: SigningAlgorithm,
    pub pkce: Requirement,
    pub pushed_requests: Requirement,
    pub dpop: Requirement,
    pub assertions: AssertionRules,
    pub dialect: Dialect,
    pub accounts: AccountRule,
}

/// What a client proves itself with; see [`ClientAuthentication`](crate::ClientAuthentication).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationKind {
    /// A shared secret.
    Secret,
    /// Keys of its own.
    Keys,
    /// An attester, for the key of each installation.
    Attested,
    /// Nothing.
    None,
}

impl fmt::Display for AuthenticationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Secret => "secret",
            Self::Keys => "keys",
            Self::Attested => "attested",
            Self::None => "none",
        })
    }
}

fn seconds<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(span.as_secs())
}

/// `{"policy": "rotating", "lifetime": 2592000}`
fn policy<S: Serializer>(policy: &RefreshPolicy, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Policy {
        policy: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        lifetime: Option<u64>,
    }
    let name = match policy {
        RefreshPolicy::None => "none",
        RefreshPolicy::Rotating { .. } => "rotating",
        RefreshPolicy::Fixed { .. } => "fixed",
    };
    let lifetime = policy.lifetime().map(|span| span.as_secs());
    Policy { policy: name, lifetime }.serialize(serializer)
}

impl From<&Client> for RegisteredClient {
    fn from(client: &Client) -> Self {
        Self {
            id: client.id.clone(),
            names: client.names.clone(),
            publisher: client.publisher.clone(),
            application: client.application,
            authentication: match client.proof {
                Proof::Secret(_) => AuthenticationKind::Secret,
                Proof::Keys(_) => AuthenticationKind::Keys,
                Proof::Attested(_) => AuthenticationKind::Attested,
                Proof::None => AuthenticationKind::None,
            },
            kind: client.kind.clone(),
            grants: client.grants.clone(),
            redirect_uris: client.redirect_uris.clone(),
            origins: client.origins.clone(),
            scopes: client.scopes.clone(),
            default_scopes: client.default_scopes.clone(),
            resources: client.resources.clone(),
            access_token_lifetime: client.access_token_lifetime,
            refresh: client.refresh,
            id_token_algorithm: client.id_token_algorithm,
            pkce: client.pkce,
            pushed_requests: client.pushed_requests,
            dpop: client.dpop,
            assertions: client.assertions,
            dialect: client.dialect,
            accounts: client.accounts.clone(),
        }
    }
}
