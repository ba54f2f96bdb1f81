use url::Url;

use crate::OpenError;

/// A web origin in its ASCII serialisation (HTML, "serialization of an origin"), with a host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    text: String,
    authority: String,
}

impl Origin {
    pub(crate) fn parse(text: &str) -> Result<Self, OpenError> {
        let refused = || OpenError::Origin(text.to_owned());
        let url = Url::parse(text).map_err(|_| refused())?;
        let is_web = matches!(url.scheme(), "http" | "https");
        if !is_web || url.origin().ascii_serialization() != text {
            return Err(refused());
        }
        let authority = text.split_once("://").map(|(_, rest)| rest.to_owned());
        Ok(Self { text: text.to_owned(), authority: authority.ok_or_else(refused)? })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and, where it is not the scheme's own, port: what a browser sends as `Host`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    pub(crate) fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_serialisation_that_browsers_send_is_an_origin() {
        for text in ["http://teahouse.sim.localhost:8081", "https://tea.example", "http://[::1]:1"]
        {
            assert_eq!(Origin::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "null",
            "*",
            "tea.example",
            "https://tea.example/",
            "https://tea.example:443",
            "https://TEA.example",
            "https://user@tea.example",
            "https://tea.example?x",
            "file:///tmp",
            "data:text/html,x",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_authority_is_what_browsers_send_as_host() {
        assert_eq!(Origin::parse("https://tea.example").unwrap().authority(), "tea.example");
        assert_eq!(Origin::parse("http://127.0.0.1:8081").unwrap().authority(), "127.0.0.1:8081");
    }
}
