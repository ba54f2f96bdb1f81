//! Where the browser brings the user back to.

use std::fmt;

use url::Url;

use crate::http::is_loopback;

/// An address of the host app's own, which a browser goes to after a sign-in. Registered with the
/// authorization server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(Url);

/// The address is not one that only the host app answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a redirect URI is https, http on the loopback interface, or of a private-use scheme with a dot (RFC 8252 §7), without user information and fragment"
)]
pub struct InvalidRedirectUri;

impl RedirectUri {
    /// Reads one of the three kinds of RFC 8252 §7: an `https` address that the app has claimed,
    /// `http` on the loopback interface, or a private-use scheme such as `com.example.app`.
    ///
    /// # Errors
    /// [`InvalidRedirectUri`].
    pub fn new(uri: &str) -> Result<Self, InvalidRedirectUri> {
        let url = Url::parse(uri).map_err(|_| InvalidRedirectUri)?;
        let plain =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let own = match url.scheme() {
            "https" => true,
            "http" => is_loopback(&url),
            scheme => scheme.contains('.'),
        };
        if plain && own { Ok(Self(url)) } else { Err(InvalidRedirectUri) }
    }

    /// The address as it is sent.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether an address that the app was opened with is this one, with an answer in its query.
    pub(super) fn leads_to(&self, address: &Url) -> bool {
        let mut without_answer = address.clone();
        without_answer.set_query(self.0.query());
        let own = self.0.query().unwrap_or_default();
        without_answer == self.0 && address.query().is_some_and(|query| query.starts_with(own))
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_apps_own_addresses_are_taken() {
        for good in [
            "https://host.example/signed-in",
            "http://127.0.0.1/callback",
            "http://[::1]:4000/callback",
            "com.example.app:/signed-in",
        ] {
            assert!(RedirectUri::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/callback",
            "http://host.example/",
            "https://u@host.example/",
            "https://host.example/#f",
            "app:/signed-in",
            "javascript:alert(1)",
            "data:text/html,x",
        ] {
            assert_eq!(RedirectUri::new(bad), Err(InvalidRedirectUri), "{bad}");
        }
    }

    #[test]
    fn an_answer_comes_to_the_very_address() {
        let leads = |own: &str, address: &str| {
            RedirectUri::new(own).unwrap().leads_to(&address.parse().unwrap())
        };
        assert!(leads("http://127.0.0.1:4000/callback", "http://127.0.0.1:4000/callback?code=1"));
        assert!(leads("com.example.app:/in", "com.example.app:/in?code=1"));
        assert!(leads("https://h.example/in?a=1", "https://h.example/in?a=1&code=1"));
        for other in [
            "http://127.0.0.1:4000/callback",
            "http://127.0.0.1:4001/callback?code=1",
            "http://127.0.0.1:4000/callback/?code=1",
            "http://127.0.0.1:4000/callback?code=1#f",
            "https://127.0.0.1:4000/callback?code=1",
        ] {
            assert!(!leads("http://127.0.0.1:4000/callback", other), "{other}");
        }
    }
}
