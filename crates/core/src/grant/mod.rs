//! What the user agreed to and wants remembered.

mod book;

pub(crate) use book::GrantBook;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Audience, ClientId, DecisionId, GrantId, Issuer, Locale, MiniProgramId, PublisherKey, Scope,
    UserId, ViewDigest,
};

/// One remembered scope. A grant is only what was granted: any other key asks again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// To whom, by whom, for what.
    pub key: GrantKey,
    /// When the user agreed.
    pub granted_at: Timestamp,
    /// When the agreement ends by itself.
    pub expires_at: Option<Timestamp>,
    /// The user's decision.
    pub decision: DecisionId,
    /// The language the user read.
    pub locale: Locale,
    /// The digest of what the user saw.
    pub digest: ViewDigest,
    /// The manifest's version at that time; recorded, not part of the key.
    pub manifest_version: String,
    /// The manifest's hash at that time; recorded, not part of the key.
    pub manifest_hash: String,
    /// The authorization server's name for it, once known.
    pub grant_id: Option<GrantId>,
}

/// What a grant is remembered by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantKey {
    /// Everything but the scope.
    #[serde(flatten)]
    pub party: GrantParty,
    /// The scope.
    pub scope: Scope,
}

/// Between whom a grant is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantParty {
    /// The authorization server.
    pub issuer: Issuer,
    /// Who agreed.
    pub user: UserId,
    /// The mini-program.
    pub mini_program: MiniProgramId,
    /// Who vouched for it.
    pub publisher_key: PublisherKey,
    /// Its OAuth client.
    pub client_id: ClientId,
    /// The resource, where one was named.
    pub audience: Option<Audience>,
}

impl Grant {
    /// Whether the grant still holds.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}
