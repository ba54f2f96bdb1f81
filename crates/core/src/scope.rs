//! OAuth scopes.

use std::{collections::BTreeSet, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// One scope token (RFC 6749 §3.3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scope(Arc<str>);

impl Scope {
    /// Takes a token whose form was checked where it came in.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into().into())
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the space-delimited form of a `scope` parameter.
    pub fn parse_list(text: &str) -> BTreeSet<Scope> {
        text.split(' ').filter(|token| !token.is_empty()).map(Scope::new).collect()
    }

    /// Writes the space-delimited form of a `scope` parameter.
    pub fn join<'a>(scopes: impl IntoIterator<Item = &'a Scope>) -> String {
        scopes.into_iter().map(Scope::as_str).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_survives_the_round_trip() {
        let scopes = Scope::parse_list("openid  email");
        assert_eq!(Scope::join(&scopes), "email openid");
        assert!(Scope::parse_list("").is_empty());
    }
}
