//! Web origins, compared exactly.

use std::fmt;

use serde::{Serialize, Serializer};
use url::{Host, Url};

/// A tuple origin (HTML §7.1.1): scheme, host and port. The opaque origin `null` is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// Reads an origin in its ASCII serialisation and in no other spelling: no path, no user
    /// information, no default port, no upper case, no trailing slash.
    pub fn parse(text: &str) -> Option<Self> {
        let origin = Self::of(&Url::parse(text).ok()?)?;
        (origin.0 == text).then_some(origin)
    }

    /// The origin of a URL; `None` where it is opaque.
    pub fn of(url: &Url) -> Option<Self> {
        let origin = url.origin();
        origin.is_tuple().then(|| Self(origin.ascii_serialization()))
    }

    /// The ASCII serialisation.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether traffic to a URL cannot be read or changed on its way: `https`, or this machine.
pub(crate) fn is_secure_transport(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => is_this_machine(url),
        _ => false,
    }
}

/// Loopback addresses, `localhost` and names below it (RFC 6761 §6.3).
pub(crate) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_serialisation_is_an_origin() {
        for text in ["https://tea.example", "https://tea.example:8443", "http://tea.localhost:1"] {
            assert_eq!(Origin::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "null",
            "",
            "tea.example",
            "https://tea.example/",
            "https://tea.example:443",
            "https://TEA.example",
            "https://tea.example.",
            "https://user@tea.example",
            "https://tea.example?q",
            "https://tea.example#f",
            "https:\\\\tea.example",
            "https://tea.exam\u{70}le\u{200b}",
            "file:///etc/hosts",
            "data:text/html,x",
        ] {
            let parsed = Origin::parse(text);
            assert!(parsed.is_none() || parsed == Origin::parse("https://tea.example."), "{text}");
        }
    }

    #[test]
    fn a_trailing_dot_makes_another_origin() {
        assert_ne!(Origin::parse("https://tea.example."), Origin::parse("https://tea.example"));
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        let secure = |text| is_secure_transport(&Url::parse(text).unwrap());
        assert!(secure("https://tea.example"));
        assert!(secure("http://127.0.0.1:8080"));
        assert!(secure("http://[::1]/"));
        assert!(secure("http://tea.sim.localhost:1"));
        assert!(!secure("http://tea.example"));
        assert!(!secure("http://localhost.example"));
        assert!(!secure("http://notlocalhost"));
        assert!(!secure("ftp://localhost"));
    }
}
