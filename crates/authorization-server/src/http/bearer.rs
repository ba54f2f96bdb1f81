//! Access tokens in the `Authorization` header (RFC 6750 §2.1). The form and query methods of §2.2
//! and §2.3 are not offered: they put tokens where they get logged.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};

use crate::secret::{Access, Fingerprint};

const MAX_TOKEN: usize = 512;

/// What the header holds.
pub(crate) enum Bearer {
    /// No bearer token: the caller did not know that it needs one.
    Absent,
    /// More than one `Authorization` header, or a token outside the grammar.
    Malformed,
    /// A token; only its fingerprint goes further.
    Token(Fingerprint<Access>),
}

/// Reads the header.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Bearer {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Bearer::Absent,
        (Some(header), None) => read(header),
        (Some(_), Some(_)) => Bearer::Malformed,
    }
}

fn read(header: &HeaderValue) -> Bearer {
    let bytes = header.as_bytes();
    let Some((scheme, rest)) = bytes.split_at_checked(7) else {
        return Bearer::Absent;
    };
    if !scheme.eq_ignore_ascii_case(b"bearer ") {
        return Bearer::Absent;
    }
    match std::str::from_utf8(rest.trim_ascii()) {
        Ok(token) if is_token68(token) => Bearer::Token(Fingerprint::of(token)),
        _ => Bearer::Malformed,
    }
}

/// The `b64token` of RFC 6750 §2.1.
fn is_token68(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    (1..=MAX_TOKEN).contains(&body.len())
        && body.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn one_well_formed_bearer_header_is_a_token() {
        assert!(matches!(bearer_token(&headers(&["Bearer abc-._~+/="])), Bearer::Token(_)));
        assert!(matches!(bearer_token(&headers(&["bearer abc"])), Bearer::Token(_)));
        for absent in [&[][..], &["Basic abc"], &["Bearer"]] {
            assert!(matches!(bearer_token(&headers(absent)), Bearer::Absent));
        }
        for malformed in
            [&["Bearer a", "Bearer b"][..], &["Bearer a b"], &["Bearer "], &["Bearer \""]]
        {
            assert!(matches!(bearer_token(&headers(malformed)), Bearer::Malformed));
        }
    }
}
