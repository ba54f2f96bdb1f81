use url::Url;

/// As long as any page's path is, many times over.
const MOST: usize = 200;

/// A page of this very program: where a sign-in may lead, so that it leads nowhere else
/// (RFC 9700 §4.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalPath(String);

impl LocalPath {
    /// Reads a path, without query, of letters, digits, `-`, `_` and `/`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/');
        let fits = text.len() <= MOST && text.starts_with('/') && text.bytes().all(plain);
        // Two slashes would begin another host's name.
        (fits && !text.starts_with("//")).then(|| Self(text.to_owned()))
    }

    /// The program's first page.
    pub(crate) fn home() -> Self {
        Self("/".to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// This path with query parameters.
    pub(crate) fn with_query(&self, pairs: &[(&str, &str)]) -> String {
        let mut url = Url::parse("http://localhost").expect("a constant");
        url.set_path(&self.0);
        url.query_pairs_mut().extend_pairs(pairs);
        format!("{}?{}", url.path(), url.query().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_origin_is_taken() {
        for good in ["/", "/orders", "/orders/12", "/tickets/moonlight-C4"] {
            assert_eq!(LocalPath::read(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "orders",
            "//evil.example",
            "/\\evil.example",
            "\\evil",
            "https://evil.example",
            "/orders?next=//evil.example",
            "/orders#x",
            "/%2f/evil.example",
            "/a b",
            "/\t/evil",
            "javascript:alert(1)",
            "/..\\",
            "/é",
            &format!("/{}", "a".repeat(200)),
        ] {
            assert_eq!(LocalPath::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_put_into_a_query_stays_there() {
        let with = LocalPath::home().with_query(&[("error", "a&b=c"), ("return_to", "/orders")]);
        assert_eq!(with, "/?error=a%26b%3Dc&return_to=%2Forders");
    }
}
