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

/// One scope that the user had granted and that is no more.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PastGrant {
    /// What it was.
    pub grant: Grant,
    /// When it ended: milliseconds since 1970-01-01T00:00:00Z.
    pub ended_at_unix_ms: i64,
    /// How.
    pub by: GrantEndedBy,
    /// What the authorization server was told of it.
    pub server: ServerTold,
}

/// How a grant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum GrantEndedBy {
    /// Its time was up.
    Expired,
    /// The user or the program took it back.
    Revoked,
    /// The user answered otherwise when they were asked again.
    Answered,
    /// The user signed out of a host that forgets then.
    SignedOut,
    /// It was for one code and no more.
    Once,
}

/// What came of taking grants back.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Revoked {
    /// What was granted and is no more.
    pub scopes: Vec<String>,
    /// Whether that survives the end of the process; if not yet, it is tried again.
    pub stored: bool,
    /// What the authorization server was told.
    pub server: ServerTold,
}

/// What the authorization server was told of the end of grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ServerTold {
    /// Nothing: it does not know the grants by a name, or others rest on the same.
    Nothing,
    /// It could not be reached, and is told again.
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

impl PastGrant {
    /// `None` for a grant that still holds.
    pub(crate) fn of(grant: minihost::Grant) -> Option<Self> {
        let end = grant.ended.clone()?;
        Some(Self {
            grant: grant.into(),
            ended_at_unix_ms: end.at.as_millisecond(),
            by: end.by.into(),
            server: end.server.into(),
        })
    }
}

impl From<minihost::GrantEndedBy> for GrantEndedBy {
    fn from(by: minihost::GrantEndedBy) -> Self {
        match by {
            minihost::GrantEndedBy::Expired => Self::Expired,
            minihost::GrantEndedBy::Revoked => Self::Revoked,
            minihost::GrantEndedBy::Answered => Self::Answered,
            minihost::GrantEndedBy::SignedOut => Self::SignedOut,
            minihost::GrantEndedBy::Once => Self::Once,
        }
    }
}

impl From<ServerEnd> for ServerTold {
    fn from(server: ServerEnd) -> Self {
        match server {
            ServerEnd::NotTold => Self::Nothing,
            ServerEnd::Due => Self::Later,
            ServerEnd::Ended => Self::Ended,
            ServerEnd::LocalOnly => Self::LocalOnly,
        }
    }
}

impl From<RevokeOutcome> for Revoked {
    fn from(outcome: RevokeOutcome) -> Self {
        Self {
            scopes: outcome.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            stored: outcome.saved == SaveOutcome::Stored,
            server: outcome.server.into(),
        }
    }
}
