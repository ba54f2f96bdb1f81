//! Authorization codes: what an authorization begins with, until it is redeemed.

use rusqlite::{Connection, OptionalExtension as _};

use super::authorizations::{Authorization, AuthorizationId};
use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::jose::Thumbprint;
use crate::pkce::CodeChallenge;
use crate::secret::{Code, Fingerprint};

/// A code to store.
pub(crate) struct NewCode<'a> {
    pub(crate) code: &'a Fingerprint<Code>,
    pub(crate) redirect: &'a CodeRedirect,
    /// `None` only for clients that may do without PKCE.
    pub(crate) challenge: Option<&'a CodeChallenge>,
    pub(crate) expires_at: UnixMillis,
}

/// Where the code was sent, and whether the request said so itself; only then must the redemption
/// repeat it (RFC 6749 §4.1.3).
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CodeRedirect {
    pub(crate) uri: String,
    pub(crate) was_given: bool,
}

impl CodeRedirect {
    /// Whether a redemption may come with this `redirect_uri`, or without any.
    pub(crate) fn accepts(&self, presented: Option<&str>) -> bool {
        match presented {
            Some(uri) => uri == self.uri,
            None => !self.was_given,
        }
    }
}

/// A stored code, whatever its state.
pub(crate) struct StoredCode(SpentCode);

/// A code whose one use has begun: the only value from which tokens can be issued for it.
pub(crate) struct SpentCode {
    pub(crate) authorization: Authorization,
    pub(crate) redirect: CodeRedirect,
    pub(crate) challenge: Option<CodeChallenge>,
    pub(crate) expires_at: UnixMillis,
}

/// The code of this fingerprint.
pub(crate) fn find(
    db: &Connection,
    code: &Fingerprint<Code>,
) -> rusqlite::Result<Option<StoredCode>> {
    db.prepare_cached(
        "SELECT a.*, coalesce(a.revoked_at, g.ended_at) AS ended
         FROM authorizations AS a LEFT JOIN grants AS g ON g.id = a.grant_id
         WHERE a.code_hash = ?1",
    )?
    .query_row([code], |row| {
        Ok(StoredCode(SpentCode {
            authorization: Authorization::read(row)?,
            redirect: CodeRedirect {
                uri: row.get("redirect_uri")?,
                was_given: row.get("redirect_uri_was_given")?,
            },
            challenge: row.get("code_challenge")?,
            expires_at: row.get("code_expires_at")?,
        }))
    })
    .optional()
}

impl StoredCode {
    pub(crate) fn belongs_to(&self, client: &ClientId) -> bool {
        self.0.authorization.belongs_to(client)
    }

    pub(crate) fn authorization(&self) -> AuthorizationId {
        self.0.authorization.id
    }

    pub(crate) fn redirect(&self) -> &CodeRedirect {
        &self.0.redirect
    }

    /// The key that whoever redeems it must have (RFC 9449 §10).
    pub(crate) fn key(&self) -> Option<&Thumbprint> {
        self.0.authorization.key.as_ref()
    }

    pub(crate) fn has_challenge(&self) -> bool {
        self.0.challenge.is_some()
    }

    /// Spends the code, for good: whatever is wrong with the request, there is no second try.
    /// `None` when it was spent before.
    pub(crate) fn spend(
        self,
        db: &Connection,
        now: UnixMillis,
    ) -> rusqlite::Result<Option<SpentCode>> {
        let spent = db
            .prepare_cached(
                "UPDATE authorizations SET code_spent_at = ?2
                 WHERE id = ?1 AND code_spent_at IS NULL",
            )?
            .execute((self.authorization(), now))?;
        Ok((spent == 1).then_some(self.0))
    }
}

/// Makes all unspent codes for this client expire at `now`; returns how many.
pub(crate) fn expire(
    db: &Connection,
    client: &ClientId,
    now: UnixMillis,
) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "UPDATE authorizations SET code_expires_at = ?2
         WHERE client = ?1 AND code_expires_at > ?2 AND code_spent_at IS NULL",
    )?
    .execute((client, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_must_be_repeated_exactly_when_it_was_given_and_may_be_left_out_otherwise() {
        let redirect =
            |was_given| CodeRedirect { uri: "https://a.example/cb".to_owned(), was_given };
        assert!(redirect(true).accepts(Some("https://a.example/cb")));
        assert!(!redirect(true).accepts(None));
        assert!(redirect(false).accepts(Some("https://a.example/cb")));
        assert!(redirect(false).accepts(None));
        for was_given in [true, false] {
            assert!(!redirect(was_given).accepts(Some("https://a.example/cb/")));
        }
    }
}
