//! Redirect URIs.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::client::Application;
use crate::error::InvalidRegistration;

/// A redirect URI, compared character by character (RFC 9700 §2.1).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Takes a URI as it is; it is not normalised.
    ///
    /// # Errors
    /// When it is not an `https` URL, or `http` on a loopback address, `localhost` or
    /// `*.localhost`, or a path of a private-use scheme with a dot, such as `com.example.app:/callback`
    /// (RFC 8252 §7.1); or when it has user information, a fragment or a space.
    pub fn new(uri: impl Into<String>) -> Result<Self, InvalidRegistration> {
        let uri = uri.into();
        let url = Url::parse(&uri).map_err(|_| InvalidRegistration::RedirectUri)?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            && uri.bytes().all(|byte| byte.is_ascii_graphic());
        (plain && (is_secure_or_loopback(&url) || is_private_use(&url)))
            .then_some(Self(uri))
            .ok_or(InvalidRegistration::RedirectUri)
    }

    /// The URI as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request may name this URI. Of a program on its user's device the port may differ,
    /// which the operating system chose for it, and only on a loopback host (RFC 8252 §7.3,
    /// RFC 9700 §2.1).
    #[must_use]
    pub fn admits(&self, asked: &str, application: Application) -> bool {
        if self.0 == asked {
            return true;
        }
        let without_ports = || Some(without_port(&self.0)? == without_port(asked)?);
        application == Application::Native && without_ports() == Some(true)
    }

    /// Whether any program on the user's device could be listening there, or have taken the scheme.
    pub(crate) fn is_free_to_all(uri: &str) -> bool {
        Url::parse(uri).map_or(true, |url| url.scheme() != "https")
    }

    /// Whether it leads to a program on the user's device by a scheme of its own, and to no server.
    pub(crate) fn is_private_use(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_private_use(&url))
    }
}

/// A loopback URI in two parts, before and after its port.
fn without_port(uri: &str) -> Option<(&str, &str)> {
    const HOSTS: [&str; 3] = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
    let host = HOSTS.into_iter().find(|host| uri.starts_with(host))?;
    let (host, rest) = uri.split_at(host.len());
    let Some(rest) = rest.strip_prefix(':') else {
        let ends = rest.is_empty() || rest.starts_with(['/', '?']);
        return ends.then_some((host, rest));
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (port, rest) = rest.split_at(digits);
    let is_port = !port.starts_with('0') && port.parse::<u16>().is_ok();
    let ends = rest.is_empty() || rest.starts_with(['/', '?']);
    (is_port && ends).then_some((host, rest))
}

impl TryFrom<String> for RedirectUri {
    type Error = InvalidRegistration;

    fn try_from(uri: String) -> Result<Self, Self::Error> {
        Self::new(uri)
    }
}

/// Whether it is a path of a scheme that is a domain name turned round (RFC 8252 §7.1).
fn is_private_use(url: &Url) -> bool {
    url.scheme().contains('.') && url.host().is_none() && url.path().starts_with('/')
}

/// Whether nobody between the server and the URL's host can read what is sent there.
pub(crate) fn is_secure_or_loopback(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_uris_must_be_secure_or_loopback_and_plain() {
        for good in [
            "https://a.example/callback",
            "http://teahouse.sim.localhost:4001/callback",
            "http://127.0.0.1:80/x?y=1",
            "http://[::1]/",
            "com.example.app:/signed-in",
        ] {
            assert_eq!(RedirectUri::new(good).map(|uri| uri.0).as_deref(), Ok(good));
        }
        for bad in [
            "http://a.example/callback",
            "http://localhost.a.example/",
            "https://a.example/#fragment",
            "https://user@a.example/",
            "https://a.example/ x",
            "javascript:alert(1)",
            "app:/signed-in",
            "com.example.app:signed-in",
            "com.example.app://signed-in",
            "/callback",
            "",
        ] {
            assert!(RedirectUri::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_scheme_is_the_same_in_whatever_case() {
        for (uri, private_use, free_to_all) in [
            ("https://a.example/callback", false, false),
            ("HTTPS://a.example/callback", false, false),
            ("http://127.0.0.1:4000/callback", false, true),
            ("Http://127.0.0.1:4000/callback", false, true),
            ("com.example.app:/signed-in", true, true),
            ("Com.Example.App:/signed-in", true, true),
        ] {
            assert_eq!(
                RedirectUri::new(uri).map(|uri| uri.is_private_use()),
                Ok(private_use),
                "{uri}"
            );
            assert_eq!(RedirectUri::is_free_to_all(uri), free_to_all, "{uri}");
        }
    }
}
