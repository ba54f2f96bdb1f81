//! Shared secrets: `client_secret_basic` and `client_secret_post` (RFC 6749 §2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;
use zeroize::Zeroizing;

/// An identifier, and the secret that is to prove it. Has no `Debug`.
pub(super) struct Credentials {
    pub(super) id: String,
    /// `None` when it is empty.
    pub(super) secret: Option<Zeroizing<String>>,
}

/// Reads `Basic`; both halves are form-encoded.
pub(super) fn basic(header: &[u8]) -> Option<Credentials> {
    let (scheme, credentials) = header.split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return None;
    }
    let decoded = Zeroizing::new(STANDARD.decode(credentials.trim_ascii()).ok()?);
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let (id, secret) = (&decoded[..colon], &decoded[colon + 1..]);
    let secret = form_decoded(secret)?;
    Some(Credentials {
        id: form_decoded(id)?.to_string(),
        secret: (!secret.is_empty()).then_some(secret),
    })
}

fn form_decoded(text: &[u8]) -> Option<Zeroizing<String>> {
    // Read as the value of a parameter without a name, so that a bare `=` stays what it is.
    let body = Zeroizing::new([b"=", text].concat());
    let mut pairs = form_urlencoded::parse(&body);
    let (_, decoded) = pairs.next()?;
    let decoded = Zeroizing::new(decoded.into_owned());
    let sound = pairs.next().is_none() && !decoded.contains(char::REPLACEMENT_CHARACTER);
    sound.then_some(decoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(id: &str, secret: &str) -> Vec<u8> {
        let encode =
            |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encode(id), encode(secret));
        format!("Basic {}", STANDARD.encode(pair)).into_bytes()
    }

    #[test]
    fn a2_a_colon_a_percent_sign_a_plus_a_space_and_other_letters_come_back_as_they_were() {
        for text in [":", "%", "+", " ", "é", "=", "&", "%2B", ":%+ é", "a:b%20c+d e\u{e9}"] {
            let read = basic(&header(text, text)).unwrap();
            assert_eq!((read.id.as_str(), read.secret.as_deref()), (text, Some(&text.to_owned())));
        }
        // An encoder that escapes the space as RFC 3986 does says the same.
        let read = basic(format!("Basic {}", STANDARD.encode("a%20b:c%20d")).as_bytes()).unwrap();
        assert_eq!((read.id.as_str(), read.secret.as_deref()), ("a b", Some(&"c d".to_owned())));
    }

    proptest! {
        #[test]
        fn a2_form_encoded_credentials_come_back_as_they_were(
            id in "[!-~]{1,40}",
            secret in "[ -~é]{1,40}",
        ) {
            let read = basic(&header(&id, &secret)).unwrap();
            prop_assert_eq!(&read.id, &id);
            prop_assert_eq!(read.secret.as_deref(), Some(&secret));
        }

        #[test]
        fn any_header_is_read_or_refused_without_a_panic(header in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = basic(&header);
            let mut prefixed = b"Basic ".to_vec();
            prefixed.extend_from_slice(STANDARD.encode(&header).as_bytes());
            let _ = basic(&prefixed);
        }
    }

    #[test]
    fn the_scheme_is_read_in_any_case_and_other_schemes_are_not_basic() {
        let mut header = header("id", "secret");
        header[..5].copy_from_slice(b"bAsIc");
        assert!(basic(&header).is_some());
        header[..5].copy_from_slice(b"Beare");
        assert!(basic(&header).is_none());
        assert!(basic(b"Basic").is_none());
        assert!(basic(b"Basic !!!").is_none());
    }
}
