//! Scopes (RFC 6749 §3.3).

use std::collections::BTreeSet;
use std::fmt;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

use crate::error::InvalidRegistration;

/// Lets the host ask for codes on behalf of the user. Never given to a mini-program.
pub(crate) const MEDIATE: &str = "mediate";
/// The user details endpoint answers with `preferred_username`.
pub(crate) const PROFILE: &str = "profile";
/// The user details endpoint answers with `email` and `email_verified`.
pub(crate) const EMAIL: &str = "email";
/// The user details endpoint answers with `phone_number`.
pub(crate) const PHONE: &str = "phone";
/// The user details endpoint answers at all, with `sub` and `open_id`.
pub(crate) const OPENID: &str = "openid";

const MAX_SCOPES: usize = 32;
const MAX_LENGTH: usize = 128;

/// A set of scope tokens, in alphabetical order.
///
/// At most 32 tokens of at most 128 characters each, in the alphabet of RFC 6749 §3.3.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Reads a space-delimited list; a token that is there twice counts once.
    ///
    /// # Errors
    /// When a token has a character outside `%x21 / %x23-5B / %x5D-7E`, is too long, or there are
    /// too many.
    pub fn parse(list: &str) -> Result<Self, InvalidRegistration> {
        Self::collect(list.split(' ').filter(|token| !token.is_empty()))
    }

    /// Takes tokens one by one.
    ///
    /// # Errors
    /// As [`Scopes::parse`]; an empty token is an error too.
    pub fn collect<'a>(
        tokens: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, InvalidRegistration> {
        let mut scopes = BTreeSet::new();
        for token in tokens {
            if !is_scope_token(token) {
                return Err(InvalidRegistration::Scope);
            }
            scopes.insert(token.to_owned());
            if scopes.len() > MAX_SCOPES {
                return Err(InvalidRegistration::Scope);
            }
        }
        Ok(Self(scopes))
    }

    /// The scopes that are in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// The scopes that are in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// The scopes that are not in the other set.
    pub(crate) fn without(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }

    /// Whether every scope of `self` is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether the set has this scope.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// All of them but `mediate`, which is asked for by name or not at all.
    pub(crate) fn without_mediate(&self) -> Self {
        Self(self.0.iter().filter(|scope| *scope != MEDIATE).cloned().collect())
    }

    /// Those that are not about a user.
    pub(crate) fn without_user(&self) -> Self {
        let about_user = [OPENID, PROFILE, EMAIL, PHONE, MEDIATE];
        Self(self.0.iter().filter(|scope| !about_user.contains(&scope.as_str())).cloned().collect())
    }

    /// The scopes in alphabetical order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether there is no scope at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The space-delimited list, as in the `scope` parameter.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Scopes {
    type Error = InvalidRegistration;

    fn try_from(list: String) -> Result<Self, Self::Error> {
        Self::parse(&list)
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

impl ToSql for Scopes {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for Scopes {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::stored(value.as_str()?)
    }
}

impl Scopes {
    // A grant collects scopes over time, so what is stored may hold more than one request may ask.
    fn stored(list: &str) -> FromSqlResult<Self> {
        list.split(' ')
            .filter(|token| !token.is_empty())
            .map(|token| {
                is_scope_token(token).then(|| token.to_owned()).ok_or(FromSqlError::InvalidType)
            })
            .collect::<FromSqlResult<BTreeSet<_>>>()
            .map(Self)
    }
}

fn is_scope_token(token: &str) -> bool {
    (1..=MAX_LENGTH).contains(&token.len())
        && token.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scopes() -> impl Strategy<Value = Scopes> {
        proptest::collection::btree_set("[a-f]", 0..6).prop_map(Scopes)
    }

    proptest! {
        #[test]
        fn a_displayed_set_parses_back_to_itself(set in scopes()) {
            prop_assert_eq!(Scopes::parse(&set.to_string()).unwrap(), set);
        }

        #[test]
        fn an_intersection_never_holds_what_either_side_lacks(a in scopes(), b in scopes()) {
            let both = a.intersection(&b);
            prop_assert!(both.is_subset(&a) && both.is_subset(&b));
            for scope in ["a", "b", "c", "d", "e", "f"] {
                prop_assert_eq!(both.contains(scope), a.contains(scope) && b.contains(scope));
            }
        }

        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in "\\PC*") {
            if let Ok(set) = Scopes::parse(&text) {
                prop_assert!(set.to_string().is_ascii());
            }
        }
    }

    #[test]
    fn tokens_outside_the_alphabet_or_the_limits_are_refused() {
        for bad in ["a\"b", "a\\b", "a\tb", "é", &"x".repeat(129)] {
            assert_eq!(Scopes::parse(bad), Err(InvalidRegistration::Scope), "{bad}");
        }
        let many: Vec<String> = (0..33).map(|n| n.to_string()).collect();
        assert!(Scopes::parse(&many.join(" ")).is_err());
        assert!(Scopes::parse(&many[..32].join(" ")).is_ok());
    }
}
