//! A client as the server knows it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    AccountRule, Application, AssertionRules, ClientId, ClientKind, Dialect, GrantType, Names,
    Proof, RefreshPolicy, Requirement, WebOrigin,
};
use crate::jose::SigningAlgorithm;
use crate::redirect_uri::RedirectUri;
use crate::resource::Resource;
use crate::scope::Scopes;

/// A registered client: a registration whose rules were checked, without the secret in clear. This
/// is also the form in which it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) id: ClientId,
    pub(crate) names: Names,
    pub(crate) publisher: Option<Names>,
    pub(crate) application: Application,
    pub(crate) proof: Proof,
    pub(crate) kind: ClientKind,
    pub(crate) grants: BTreeSet<GrantType>,
    pub(crate) redirect_uris: Vec<RedirectUri>,
    pub(crate) origins: Vec<WebOrigin>,
    pub(crate) scopes: Scopes,
    pub(crate) default_scopes: Scopes,
    pub(crate) resources: Vec<Resource>,
    pub(crate) access_token_lifetime: Duration,
    pub(crate) refresh: RefreshPolicy,
    pub(crate) id_token_algorithm: SigningAlgorithm,
    pub(crate) pkce: Requirement,
    pub(crate) pushed_requests: Requirement,
    pub(crate) dpop: Requirement,
    #[serde(default)]
    pub(crate) assertions: AssertionRules,
    pub(crate) dialect: Dialect,
    #[serde(default)]
    pub(crate) accounts: AccountRule,
}

impl Client {
    /// Whether the client proves who it is (RFC 6749 §2.1). A secret that is inside a program on its
    /// users' devices is no proof.
    pub(crate) fn is_confidential(&self) -> bool {
        match (&self.proof, self.application) {
            (Proof::None, _) | (Proof::Secret(_), Application::Native) => false,
            (Proof::Secret(_), Application::Web) | (Proof::Keys(_) | Proof::Attested(_), _) => true,
        }
    }

    pub(crate) fn may_use(&self, grant: GrantType) -> bool {
        self.grants.contains(&grant)
    }
}
