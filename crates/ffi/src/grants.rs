//! What users have granted, for the host's own settings.

use minihost::{RevokeOutcome, SaveOutcome, ServerEnd};

/// One scope that the user has granted.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Grant {
    /// To which program: the manifest's `id`.
    pub mini_program: String,
    /// What.
    pub scope: String,
    /// For which resource, where one was named.
    pub audience: Option<String>,
    /// When: milliseconds since 1970-01-01T00:00:00Z.
    pub granted_at_unix_ms: i64,
    /// When it ends by itself: milliseconds since 1970-01-01T00:00:00Z.
    pub expires_at_unix_ms: Option<i64>,
    /// The program's release at that time.
    pub manifest_version: String,
}

/// What came of taking grants back.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Revoked {
    /// What was granted and is no more.
    pub scopes: Vec<String>,
    /// Whether that survives the end of the process.
    pub stored: bool,
    /// What the authorization server was told.
    pub server: ServerTold,
}

/// What the authorization server was told of the end of grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ServerTold {
    /// Nothing: it does not know the grants by a name, or others rest on the same.
    Nothing,
    /// It could not be reached, and is told at the next start.
    Later,
    /// Its codes and tokens have ended.
    Ended,
    /// It has no way to be told: say so to the user.
    LocalOnly,
}

impl From<minihost::Grant> for Grant {
    fn from(grant: minihost::Grant) -> Self {
        let party = grant.key.party;
        Self {
            mini_program: party.mini_program.as_str().to_owned(),
            scope: grant.key.scope.as_str().to_owned(),
            audience: party.audience.map(|audience| audience.as_str().to_owned()),
            granted_at_unix_ms: grant.granted_at.as_millisecond(),
            expires_at_unix_ms: grant.expires_at.map(|end| end.as_millisecond()),
            manifest_version: grant.manifest_version,
        }
    }
}

impl From<RevokeOutcome> for Revoked {
    fn from(outcome: RevokeOutcome) -> Self {
        Self {
            scopes: outcome.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            stored: outcome.saved == SaveOutcome::Stored,
            server: match outcome.server {
                ServerEnd::NotTold => ServerTold::Nothing,
                ServerEnd::Due => ServerTold::Later,
                ServerEnd::Ended => ServerTold::Ended,
                ServerEnd::LocalOnly => ServerTold::LocalOnly,
            },
        }
    }
}
