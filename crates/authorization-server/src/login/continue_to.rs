//! Where a browser goes on after its user has signed in: a page of this server, never another's
//! (RFC 9700 §4.11).

use axum::http::HeaderValue;
use url::form_urlencoded;

use super::receipt::PARAMETER;
use crate::http::Form;
use crate::{account, authorize, device};

/// Longer than any address that a browser came here with.
const MAX_LENGTH: usize = 16 * 1024;
/// The parameter of the login page that tells it to ask again.
pub(super) const PROOF: &str = "again";
/// The pages that one can go on to.
const PAGES: [&str; 3] = [authorize::PATH, account::PATH, device::VERIFICATION_PATH];

/// The path and query of a page of this server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Continue {
    path: &'static str,
    query: String,
}

impl Continue {
    /// Takes a path and query as they stand in an address.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let path = PAGES.into_iter().find(|page| *page == path)?;
        let sound = text.len() <= MAX_LENGTH
            && query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        sound.then(|| Self::new(path, query))
    }

    /// A page of this server with the query that it was opened with.
    pub(crate) fn new(path: &'static str, query: &str) -> Self {
        // What an earlier sign-in vouched for says nothing about the next.
        let kept = query.split('&').filter(|pair| {
            let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
            name != PARAMETER
        });
        Self { path, query: kept.collect::<Vec<_>>().join("&") }
    }

    /// The account page.
    pub(crate) fn account() -> Self {
        Self::new(account::PATH, "")
    }

    /// Whether an authorization request waits there.
    pub(crate) fn is_authorization(&self) -> bool {
        self.path == authorize::PATH
    }

    /// The parameters there; none when they cannot be read.
    pub(crate) fn parameters(&self) -> Option<Form> {
        Form::from_query(&self.query).ok()
    }

    /// The address, which is also how it is sent through a form or a parameter.
    pub(crate) fn address(&self) -> String {
        self.written(self.path, None)
    }

    /// The address as the value of a `Location` header, with a receipt if there is one.
    pub(super) fn location(&self, receipt: Option<&str>) -> HeaderValue {
        let address = self.written(self.path, receipt);
        HeaderValue::try_from(address).expect("only visible ASCII was taken")
    }

    fn written(&self, path: &str, receipt: Option<&str>) -> String {
        let mut pairs = vec![self.query.clone()];
        pairs.retain(|query| !query.is_empty());
        if let Some(receipt) = receipt {
            let encoded: String = form_urlencoded::byte_serialize(receipt.as_bytes()).collect();
            pairs.push(format!("{PARAMETER}={encoded}"));
        }
        match pairs.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{}", pairs.join("&")),
        }
    }

    /// The address with another path, for a form that carries the query along, and with the receipt
    /// that the address came with.
    pub(crate) fn with_path(&self, path: &str, receipt: Option<&str>) -> String {
        self.written(path, receipt)
    }

    /// The login page that leads there.
    pub(crate) fn by_way_of_login(&self) -> String {
        self.by_way_of(super::PATH, false)
    }

    /// The login page that leads there once the user has proved who they are, signed in or not.
    pub(crate) fn by_way_of_proof(&self) -> String {
        self.by_way_of(super::PATH, true)
    }

    /// A page for signing in that leads there.
    pub(super) fn by_way_of(&self, page: &str, needs_proof: bool) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("continue", &self.address())
            .extend_pairs(needs_proof.then_some((PROOF, "1")))
            .finish();
        format!("{page}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c9_only_pages_of_this_server_are_gone_on_to() {
        for good in ["/authorize?client_id=a&state=%2F%2Fevil.example", "/account", "/authorize"] {
            assert_eq!(Continue::parse(good).unwrap().address(), good);
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "//evil.example/authorize?x",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/authorize?x",
            "/authorize/../evil",
            "/authorize@evil.example",
            "/authorize#x",
            "/authorize?x#y",
            "/authorize?x\r\nLocation: https://evil.example",
            "/authorize?x y",
            "/authorizeevil",
            "/AUTHORIZE?x",
            " /authorize?x",
            "/token",
            "javascript:alert(1)",
            "/authorize?\u{e9}",
        ] {
            assert_eq!(Continue::parse(bad), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn c9_whatever_is_taken_stays_at_this_server(text in "[/\\\\a-z?#@:%. \t\r\n]{0,24}") {
            for text in [text.clone(), format!("/authorize{text}"), format!("/account?{text}")] {
                if let Some(taken) = Continue::parse(&text) {
                    let here = url::Url::parse("https://id.example/login").unwrap();
                    let there = here.join(&taken.address()).unwrap();
                    proptest::prop_assert_eq!(there.origin(), here.origin());
                    proptest::prop_assert!(PAGES.contains(&there.path()));
                }
            }
        }
    }

    #[test]
    fn what_an_earlier_sign_in_vouched_for_is_left_out() {
        let twice = Continue::parse("/authorize?a=1&interaction=x&b=2&interaction=y").unwrap();
        assert_eq!(twice.address(), "/authorize?a=1&b=2");
        assert_eq!(twice.location(Some("z")), "/authorize?a=1&b=2&interaction=z");
    }
}
