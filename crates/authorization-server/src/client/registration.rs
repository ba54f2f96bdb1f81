//! What is said about a client when it is registered.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    AccountRule, Application, AssertionRules, ClientAuthentication, ClientId, Dialect, GrantType,
    Names, Requirement, WebOrigin,
};
use crate::jose::SigningAlgorithm;
use crate::redirect_uri::RedirectUri;
use crate::resource::Resource;
use crate::scope::Scopes;

const HOST_ACCESS: Duration = Duration::from_secs(60 * 60);
const ACCESS: Duration = Duration::from_secs(10 * 60);
const REFRESH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What a client is in the mediation of codes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// A host app, which asks for codes on behalf of its mini-programs.
    Host {
        /// The mini-programs it may ask for.
        may_mediate_for: Vec<ClientId>,
        /// Whether every code request must carry consent evidence.
        consent_evidence: Requirement,
    },
    /// A mini-program, which redeems codes.
    MiniProgram,
    /// An API apart from this server, which asks here whether the tokens it is shown are good
    /// (RFC 7662).
    ResourceServer {
        /// The tokens it learns about: those made for this resource.
        resource: Resource,
    },
}

/// What happens to a refresh token when it is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshPolicy {
    /// The client gets no refresh tokens.
    None,
    /// Each use gives a new token and ends the old one (RFC 9700 §4.14.2). Using an old one again
    /// ends the whole authorization, except that the last one may be repeated for
    /// [`Lifetimes::refresh_grace`](crate::Lifetimes::refresh_grace) and then gives the same new
    /// token, so that a lost answer costs nothing.
    Rotating {
        /// How long a token may lie unused: 1 second to 366 days.
        lifetime: Duration,
    },
    /// The token stays the same, and each answer repeats it. Only for clients that authenticate,
    /// whose refresh tokens are useless to others (FAPI 2.0 §5.3.2.1).
    Fixed {
        /// How long the token may lie unused: 1 second to 366 days.
        lifetime: Duration,
    },
}

impl RefreshPolicy {
    /// How long a refresh token may lie unused; `None` when the client gets none.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        match self {
            Self::None => None,
            Self::Rotating { lifetime } | Self::Fixed { lifetime } => Some(*lifetime),
        }
    }
}

/// A client to create or to replace. [`ClientRegistration::new`] chooses what is usual for its kind;
/// every member can be changed before it is registered, which checks the rules between them.
pub struct ClientRegistration {
    /// Its identifier. A client of this id that exists already is replaced; its grants and tokens
    /// stay.
    pub id: ClientId,
    /// What people call it. Shown when a user is asked for consent.
    pub names: Names,
    /// Who is responsible for it. Shown beside its name.
    pub publisher: Option<Names>,
    /// Where it runs. [`Application::Web`] by default.
    pub application: Application,
    /// How it authenticates.
    pub authentication: ClientAuthentication,
    /// What it is.
    pub kind: ClientKind,
    /// How it may get tokens. By default a host and a mini-program may get them with codes, and a
    /// resource server may not get any.
    pub grants: BTreeSet<GrantType>,
    /// Where it receives codes; each code is bound to one of them. None by default, and a
    /// mini-program that may use the code or the implicit grant must have one.
    pub redirect_uris: Vec<RedirectUri>,
    /// The origins of its pages that may call the server from a browser (the Fetch standard's CORS).
    /// Only for clients without a secret. None by default.
    pub origins: Vec<WebOrigin>,
    /// The scopes it may get. For a host also the ceiling of what its mini-programs can get
    /// through it, and `mediate` if it is to ask for codes.
    pub scopes: Scopes,
    /// What a request without `scope` asks for (RFC 6749 §3.3): some of `scopes`. By default all but
    /// `mediate`; with none, such a request is refused.
    pub default_scopes: Scopes,
    /// The resources that it may ask tokens for besides this server (RFC 8707). None by default.
    pub resources: Vec<Resource>,
    /// How long its access tokens live, in whole seconds: 1 second to 24 hours; for a host, whose
    /// user would otherwise be interrupted, at least 10 minutes. By default 10 minutes, for a host
    /// an hour.
    pub access_token_lifetime: Duration,
    /// What happens to its refresh tokens. By default they live for 30 days, stay the same where
    /// the client authenticates, and rotate where it does not.
    pub refresh: RefreshPolicy,
    /// What its ID tokens are signed with (`id_token_signed_response_alg`, OpenID Connect
    /// Registration §2). [`SigningAlgorithm::Rs256`] by default.
    pub id_token_algorithm: SigningAlgorithm,
    /// Whether its codes must be protected by PKCE (RFC 7636). Required by default; only a client
    /// that authenticates may do without.
    pub pkce: Requirement,
    /// Whether its authorization requests must be pushed first (RFC 9126 §6). Optional by default.
    pub pushed_requests: Requirement,
    /// Whether its tokens must be bound to a key of its own (RFC 9449 §5.2). Optional by default.
    pub dpop: Requirement,
    /// What its assertions are held to, where it has keys. [`AssertionRules::Standard`] by default.
    pub assertions: AssertionRules,
    /// The spelling of OAuth it speaks. [`Dialect::Standard`] by default.
    pub dialect: Dialect,
    /// Whose passwords it may sign in with, where it may use the password grant.
    /// [`AccountRule::All`] by default.
    pub accounts: AccountRule,
}

impl ClientRegistration {
    /// A client as is usual for its kind; its name is its identifier.
    #[must_use]
    pub fn new(
        id: ClientId,
        kind: ClientKind,
        authentication: ClientAuthentication,
        scopes: Scopes,
    ) -> Self {
        let is_resource_server = matches!(kind, ClientKind::ResourceServer { .. });
        let refresh = match authentication {
            _ if is_resource_server => RefreshPolicy::None,
            ClientAuthentication::None => RefreshPolicy::Rotating { lifetime: REFRESH },
            _ => RefreshPolicy::Fixed { lifetime: REFRESH },
        };
        Self {
            names: Names::of(&id),
            publisher: None,
            application: Application::Web,
            grants: (!is_resource_server)
                .then_some(GrantType::AuthorizationCode)
                .into_iter()
                .collect(),
            redirect_uris: Vec::new(),
            origins: Vec::new(),
            default_scopes: scopes.without_mediate(),
            resources: Vec::new(),
            access_token_lifetime: match kind {
                ClientKind::Host { .. } => HOST_ACCESS,
                _ => ACCESS,
            },
            refresh,
            id_token_algorithm: SigningAlgorithm::Rs256,
            pkce: Requirement::Required,
            pushed_requests: Requirement::Optional,
            dpop: Requirement::Optional,
            assertions: AssertionRules::Standard,
            dialect: Dialect::Standard,
            accounts: AccountRule::All,
            id,
            authentication,
            kind,
            scopes,
        }
    }
}
