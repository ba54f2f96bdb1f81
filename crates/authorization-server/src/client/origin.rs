//! Web origins (RFC 6454 §6.2) from which a page may speak to the server.

use axum::http::HeaderValue;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::InvalidRegistration;
use crate::redirect_uri::is_secure_or_loopback;

/// The origin of a page, in its ASCII serialisation: `https://tea.example`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct WebOrigin(String);

impl WebOrigin {
    /// Takes an origin.
    ///
    /// # Errors
    /// When it is not exactly the serialisation of an `https` origin, or of an `http` one on a
    /// loopback host.
    pub fn new(origin: impl Into<String>) -> Result<Self, InvalidRegistration> {
        let origin = origin.into();
        let exact = Url::parse(&origin).is_ok_and(|url| {
            is_secure_or_loopback(&url) && url.origin().ascii_serialization() == origin
        });
        exact.then_some(Self(origin)).ok_or(InvalidRegistration::Origin)
    }

    /// The origin as browsers send it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an `Origin` header names exactly this origin.
    pub(crate) fn is(&self, header: &HeaderValue) -> bool {
        header.as_bytes() == self.0.as_bytes()
    }
}

impl TryFrom<String> for WebOrigin {
    type Error = InvalidRegistration;

    fn try_from(origin: String) -> Result<Self, Self::Error> {
        Self::new(origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_serialisation_of_a_trustworthy_origin_is_taken() {
        for good in ["https://tea.example", "http://tea.sim.localhost:4001", "http://127.0.0.1:80"]
        {
            let expected = good != "http://127.0.0.1:80";
            assert_eq!(WebOrigin::new(good).is_ok(), expected, "{good}");
        }
        for bad in [
            "https://tea.example/",
            "https://TEA.example",
            "https://tea.example:443",
            "http://tea.example",
            "null",
            "*",
            "file:///tmp",
        ] {
            assert!(WebOrigin::new(bad).is_err(), "{bad}");
        }
    }
}
