//! Which addresses secrets may go to.

use url::{Host, Url};

/// The address is not one that secrets may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InsecureUrl;

/// Reads an address: `https`, or `http` on the loopback interface, where nobody listens in;
/// without user information and fragment.
pub(crate) fn secure_url(text: &str) -> Result<Url, InsecureUrl> {
    let url = Url::parse(text).map_err(|_| InsecureUrl)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if plain && secure && url.has_host() { Ok(url) } else { Err(InsecureUrl) }
}

/// Whether the address names this machine itself (RFC 6761 §6.3 for `localhost`).
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_stay_on_the_machine() {
        for good in [
            "https://as.example/token",
            "https://as.example:8443/token?tenant=1",
            "http://127.0.0.1:4000/token",
            "http://[::1]:4000/token",
            "http://localhost/token",
            "http://as.sim.localhost:1/token",
        ] {
            assert!(secure_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://as.example/token",
            "http://127.0.0.1.evil.example/token",
            "http://localhost.evil.example/token",
            "http://notlocalhost/token",
            "https://user@as.example/token",
            "https://:password@as.example/token",
            "https://as.example/token#fragment",
            "ftp://127.0.0.1/",
            "data:text/plain,x",
            "/token",
            "",
        ] {
            assert_eq!(secure_url(bad), Err(InsecureUrl), "{bad}");
        }
    }
}
