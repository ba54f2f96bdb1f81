use url::form_urlencoded;

/// As long as any page's path is, many times over.
const MOST: usize = 200;

/// A page of this very program: where a sign-in may lead, so that it leads nowhere else
/// (RFC 9700 §4.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalPath(String);

impl LocalPath {
    /// Reads a path of letters, digits, `-`, `_` and `/`, maybe with a query of letters, digits and
    /// `-._~%+=&`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/');
        let of_query = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'%' | b'+' | b'=' | b'&')
        };
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let is_readable = path.bytes().all(plain) && query.bytes().all(of_query);
        let fits = text.len() <= MOST && path.starts_with('/') && is_readable;
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

    /// The program's first page, with query parameters.
    pub(crate) fn home_with(pairs: &[(&str, &str)]) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("/?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_origin_is_taken() {
        for good in [
            "/",
            "/orders",
            "/orders/12",
            "/tickets/moonlight-C4",
            "/orders?tea=puer&of=a%2Fb+c",
            "/orders?",
        ] {
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
            "/orders?next=https:evil",
            "/orders?a?b",
            "/orders?a\r\nb",
            "/orders?a#x",
            "?x=1",
            "//evil.example?x=1",
            "/orders#x",
            "/%2f/evil.example",
            "/a b",
            "/\t/evil",
            "javascript:alert(1)",
            "/..\\",
            "/é",
            &format!("/{}", "a".repeat(200)),
            &format!("/?{}", "a".repeat(199)),
        ] {
            assert_eq!(LocalPath::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_put_into_a_query_stays_there() {
        let with = LocalPath::home_with(&[("error", "a&b=c"), ("return_to", "/orders?x=1")]);
        assert_eq!(with, "/?error=a%26b%3Dc&return_to=%2Forders%3Fx%3D1");
    }
}
