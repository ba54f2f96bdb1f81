//! A client's id and secret in the `Authorization` header (`client_secret_basic`).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

/// Both halves form-encoded (RFC 6749 §2.3.1).
pub(super) fn basic(id: &str, secret: &str) -> Zeroizing<String> {
    let mut pair = Zeroizing::new(String::with_capacity(3 * (id.len() + secret.len()) + 1));
    pair.extend(byte_serialize(id.as_bytes()));
    pair.push(':');
    pair.extend(byte_serialize(secret.as_bytes()));
    encoded(&pair)
}

/// Both halves as they are (RFC 7617 §2).
pub(super) fn basic_verbatim(id: &str, secret: &str) -> Zeroizing<String> {
    encoded(&Zeroizing::new(format!("{id}:{secret}")))
}

fn encoded(pair: &str) -> Zeroizing<String> {
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    Zeroizing::new(format!("Basic {}", encoded.as_str()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::form_urlencoded;

    use super::*;

    #[test]
    fn the_example_of_rfc_6749_comes_out() {
        let header = basic("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw");
        assert_eq!(*header, "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
    }

    proptest! {
        #[test]
        fn whatever_id_and_secret_hold_a_server_reads_them_back(id in ".{1,40}", secret in ".{1,40}") {
            let header = basic(&id, &secret);
            let pair = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
            let pair = String::from_utf8(pair).unwrap();
            let (read_id, read_secret) = pair.split_once(':').unwrap();
            let decode = |text: &str| {
                let body = format!("v={text}");
                let (_, value) = form_urlencoded::parse(body.as_bytes()).next().unwrap();
                value.into_owned()
            };
            prop_assert_eq!(decode(read_id), id);
            prop_assert_eq!(decode(read_secret), secret);
        }
    }
}
