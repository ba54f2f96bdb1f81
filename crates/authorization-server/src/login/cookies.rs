//! The cookies of this server (RFC 6265).
//!
//! They are `Secure` and carry the prefix `__Host-`, which binds them to this host alone. Neither
//! goes with an issuer on plain http, which there is only on the loopback interface: there a cookie
//! is seen by every port of the host.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use crate::config::Issuer;

/// Far longer than any value that this server sets.
const MAX_VALUE: usize = 128;

/// Which of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cookie {
    /// The session of a user who is signed in.
    Session,
    /// Tells browsers apart in which nobody is signed in yet.
    Browser,
    /// The codes with which this browser waits for an approval in an app.
    App,
}

impl Cookie {
    fn name(self, issuer: &Issuer) -> &'static str {
        match (self, is_secure(issuer)) {
            (Self::Session, true) => "__Host-minihost-session",
            (Self::Session, false) => "minihost-session",
            (Self::Browser, true) => "__Host-minihost-browser",
            (Self::Browser, false) => "minihost-browser",
            (Self::App, true) => "__Host-minihost-app",
            (Self::App, false) => "minihost-app",
        }
    }

    /// What the browser holds under this name.
    pub(super) fn read(self, issuer: &Issuer, headers: &HeaderMap) -> Option<Zeroizing<String>> {
        let name = self.name(issuer);
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| {
            let (found, value) = pair.trim().split_once('=')?;
            (found == name && (1..=MAX_VALUE).contains(&value.len())).then_some(value)
        });
        pairs.next().map(|value| Zeroizing::new(value.to_owned()))
    }

    /// Gives the browser a value, until it is closed.
    pub(super) fn set(self, issuer: &Issuer, value: &str) -> HeaderValue {
        self.header(issuer, value, "")
    }

    /// Takes it away again.
    pub(super) fn clear(self, issuer: &Issuer) -> HeaderValue {
        self.header(issuer, "", "; Max-Age=0")
    }

    fn header(self, issuer: &Issuer, value: &str, more: &str) -> HeaderValue {
        let name = self.name(issuer);
        let secure = if is_secure(issuer) { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}");
        HeaderValue::try_from(cookie).expect("names and values are visible ASCII")
    }
}

fn is_secure(issuer: &Issuer) -> bool {
    issuer.as_str().starts_with("https:")
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn issuer(url: &str) -> Issuer {
        Issuer::new(&Url::parse(url).unwrap()).unwrap()
    }

    #[test]
    fn a_cookie_belongs_to_this_host_alone_wherever_there_is_tls() {
        let set = Cookie::Session.set(&issuer("https://id.example"), "x");
        assert_eq!(set, "__Host-minihost-session=x; Path=/; HttpOnly; SameSite=Lax; Secure");
        let set = Cookie::Session.set(&issuer("http://127.0.0.1:1"), "x");
        assert_eq!(set, "minihost-session=x; Path=/; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn only_the_cookie_of_the_exact_name_is_read() {
        let issuer = issuer("https://id.example");
        let read = |line: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_static(line));
            Cookie::Browser.read(&issuer, &headers).map(|value| value.to_string())
        };
        assert_eq!(read("a=1; __Host-minihost-browser=x; b=2").as_deref(), Some("x"));
        for other in ["minihost-browser=x", "__host-minihost-browser=x", "__Host-minihost-browser="]
        {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
