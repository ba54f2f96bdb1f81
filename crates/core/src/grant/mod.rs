//! What the user agreed to and wants remembered.

mod book;
#[cfg(test)]
mod book_tests;
mod names;
#[cfg(test)]
mod names_tests;

pub(crate) use book::GrantBook;
pub(crate) use names::MOST_NAMES;

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
    /// What the server has called it before, oldest first, and not ended yet: servers may give each
    /// code a name of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_grant_ids: Vec<GrantId>,
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
    /// The user answered otherwise when asked again, or agreed to a release that another key vouches
    /// for.
    Answered,
    /// Its time was up.
    Expired,
    /// The user signed out of a host that forgets then.
    SignedOut,
    /// It was for one code and no more: as the user or the host's settings wanted it, since it could
    /// not be stored, or since the server has given codes for the same under many names since.
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
    /// What a grant of this scope is remembered by.
    pub(crate) fn key(&self, scope: &Scope) -> GrantKey {
        GrantKey { party: self.clone(), scope: scope.clone() }
    }

    /// Whether both are the same program and the same user, whatever the resource.
    pub fn is_same_program(&self, other: &Self) -> bool {
        self.issuer == other.issuer
            && self.user == other.user
            && self.mini_program == other.mini_program
            && self.publisher_key == other.publisher_key
            && self.client_id == other.client_id
    }

    /// Whether it is between this user and a program of this name at this server, whatever its release.
    pub(crate) fn is_between(
        &self,
        issuer: &Issuer,
        user: &UserId,
        mini_program: &MiniProgramId,
    ) -> bool {
        self.issuer == *issuer && self.user == *user && self.mini_program == *mini_program
    }

    /// Whether both are the same to the authorization server, which knows users and clients.
    pub(crate) fn is_same_at_server(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.user == other.user && self.client_id == other.client_id
    }

    /// Whether another key vouched for the same program. One of another publisher that bears the
    /// same name has a client of its own.
    pub(crate) fn is_under_another_key(&self, other: &Self) -> bool {
        self.is_same_at_server(other)
            && self.mini_program == other.mini_program
            && self.publisher_key != other.publisher_key
    }
}

impl Grant {
    /// Whether the grant still holds.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Every name that the authorization server has for it, oldest first.
    pub(crate) fn server_names(&self) -> impl Iterator<Item = &GrantId> {
        self.earlier_grant_ids.iter().chain(&self.grant_id)
    }

    /// Notes what the server calls it now. Says whether that is news.
    fn name_anew(&mut self, name: &GrantId) -> bool {
        if self.grant_id.as_ref() == Some(name) {
            return false;
        }
        self.earlier_grant_ids.retain(|earlier| earlier != name);
        self.earlier_grant_ids.extend(self.grant_id.replace(name.clone()));
        true
    }

    /// Forgets one name of several. Says whether it had another.
    fn drop_name(&mut self, name: &GrantId) -> bool {
        if self.grant_id.as_ref() == Some(name) && !self.earlier_grant_ids.is_empty() {
            self.grant_id = self.earlier_grant_ids.pop();
            return true;
        }
        let before = self.earlier_grant_ids.len();
        self.earlier_grant_ids.retain(|earlier| earlier != name);
        self.earlier_grant_ids.len() < before
    }
}
