//! Client identifiers.

use std::fmt;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

use crate::error::InvalidRegistration;

const MAX_ID: usize = 128;
/// The length of a pairwise subject identifier: 32 bytes in base64url.
const SUBJECT: usize = 43;

/// A client identifier (RFC 6749 §2.2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ClientId(String);

impl ClientId {
    /// Takes an identifier.
    ///
    /// # Errors
    /// When it is not 1 to 128 visible ASCII characters. RFC 6749 appendix A.1 allows a space too;
    /// this server does not. Nor does it allow what could be a user's `open_id`, 43 characters of
    /// base64url: a client that acts for itself is named by its identifier, and must not be taken
    /// for a user (RFC 9700 §4.15).
    pub fn new(id: impl Into<String>) -> Result<Self, InvalidRegistration> {
        let id = id.into();
        let fits = (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
        if !fits {
            return Err(InvalidRegistration::ClientId);
        }
        let base64url = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if id.len() == SUBJECT && id.bytes().all(base64url) {
            return Err(InvalidRegistration::ClientIdLikeSubject);
        }
        Ok(Self(id))
    }

    /// The identifier as it goes over the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ClientId {
    type Error = InvalidRegistration;

    fn try_from(id: String) -> Result<Self, Self::Error> {
        Self::new(id)
    }
}

impl ToSql for ClientId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for ClientId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::new(value.as_str()?).map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_visible_ascii_and_not_too_long() {
        for good in ["a", "tea-house", "https://tea.example/client", &"x".repeat(128)] {
            assert!(ClientId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "é", "a\n", &"x".repeat(129)] {
            assert_eq!(ClientId::new(bad), Err(InvalidRegistration::ClientId), "{bad}");
        }
    }

    #[test]
    fn g3_what_could_be_a_users_open_id_is_no_client_id() {
        for like in ["x".repeat(43), format!("{}-_", "9".repeat(41))] {
            assert_eq!(ClientId::new(like), Err(InvalidRegistration::ClientIdLikeSubject));
        }
        assert!(ClientId::new("x".repeat(42)).is_ok());
        assert!(ClientId::new(format!("{}.", "x".repeat(42))).is_ok());
    }
}
