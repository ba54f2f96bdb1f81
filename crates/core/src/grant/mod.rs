//! What the user agreed to and wants remembered.

mod book;
#[cfg(test)]
mod book_tests;

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
    /// The digest of what the user saw; nothing where nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<ViewDigest>,
    /// The manifest's version at that time; recorded, not part of the key.
    pub manifest_version: String,
    /// The manifest's hash at that time; recorded, not part of the key.
    pub manifest_hash: String,
    /// The authorization server's name for it, once known.
    pub grant_id: Option<GrantId>,
    /// How it ended, where it is history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<GrantEnd>,
}

/// How a grant ended. An ended grant allows nothing; it is kept for the user to look back on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantEnd {
    /// When.
    pub at: Timestamp,
    /// By what.
    pub by: GrantEndedBy,
    /// What the authorization server was told of it.
    pub server: ServerEnd,
}

/// What ended a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GrantEndedBy {
    /// The user took it back, in the host or through the program.
    Revoked,
    /// The user answered otherwise when asked again.
    Answered,
    /// Its time was up.
    Expired,
    /// The user signed out of a host that forgets then.
    SignedOut,
    /// It was for one code and no more: as the user or the host's settings wanted it, or since it
    /// could not be stored.
    Once,
}

/// What the authorization server was told of the end of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ServerEnd {
    /// Nothing: it does not know the grant by a name, or other grants rest on it.
    NotTold,
    /// It is to be told, and was not yet.
    Due,
    /// Its codes and tokens have ended.
    Ended,
    /// It has no way to be told.
    LocalOnly,
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

impl GrantParty {
    /// Whether both are the same program and the same user, whatever the resource.
    pub fn is_same_program(&self, other: &Self) -> bool {
        self.issuer == other.issuer
            && self.user == other.user
            && self.mini_program == other.mini_program
            && self.publisher_key == other.publisher_key
            && self.client_id == other.client_id
    }
}

impl Grant {
    /// Whether the grant still holds.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
