//! The choices that a registration makes, each a type of its own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A way to get tokens that a client can be registered for. Refreshing is not among them: it
/// follows from the client's [`RefreshPolicy`](crate::RefreshPolicy).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// A code from the authorization endpoint or from a host's code request (RFC 6749 §4.1).
    AuthorizationCode,
    /// An access token straight from the authorization endpoint (RFC 6749 §4.2). Deprecated by
    /// RFC 9700 §2.1.2; for old programs only.
    Implicit,
    /// The user's password (RFC 6749 §4.3). Forbidden by RFC 9700 §2.4; for a host that is the
    /// operator's own only.
    Password,
    /// The client for itself (RFC 6749 §4.4). Only for clients that authenticate.
    ClientCredentials,
    /// A code that the user confirms on another device (RFC 8628).
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
}

impl GrantType {
    /// The value of `grant_type`; of `implicit`, its name in the metadata (RFC 8414 §2).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::Implicit => "implicit",
            Self::Password => "password",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
        }
    }
}

/// Whether something must be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// It may be left out.
    #[default]
    Optional,
    /// Without it the request is refused.
    Required,
}

/// Where a client runs (OpenID Connect Registration §2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Application {
    /// On a server of its owner, or in a page that holds no secret.
    #[default]
    Web,
    /// Installed on its users' devices. A shared secret is known to everybody who has the program,
    /// so it proves nothing (RFC 8252 §8.5) and the client counts as public; a key of each
    /// installation proves something.
    Native,
}

/// Whose passwords a client may sign in with. It is looked at after the password was found right.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountRule {
    /// Every user's.
    #[default]
    All,
    /// Those whose account belongs to one of these tenants, as the
    /// [`AccountService`](crate::AccountService) says. Users without a tenant are not among them.
    Tenants(BTreeSet<String>),
}

impl AccountRule {
    pub(crate) fn allows(&self, tenant: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Tenants(tenants) => tenant.is_some_and(|tenant| tenants.contains(tenant)),
        }
    }
}

/// What the assertions are held to by which a client proves who it is (`private_key_jwt`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionRules {
    /// RFC 7523 §3 and RFC 9126 §2: they are for the issuer, the token endpoint or the endpoint that
    /// they are sent to, and good for an hour at most.
    #[default]
    Standard,
    /// FAPI 2.0 §5.3.2.1 and draft-ietf-oauth-rfc7523bis: they are for the issuer alone, and good for
    /// a minute at most. For a client of several servers, one of which could pass the endpoints of
    /// this one off as its own, and so be sent assertions that are good here.
    Strict,
}

/// Which spelling of OAuth a client speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// The RFCs'.
    #[default]
    Standard,
    /// That of Chinese open platforms, on top of the RFCs': scopes with commas, `redirect_url` for
    /// `redirect_uri`, token requests by GET, and `open_id` and `refresh_expires_in` in the answer.
    /// Only for clients that authenticate.
    OpenPlatform,
}
