//! The content of the file of grants: one line that authenticates the rest, then what is remembered.
//!
//! ```text
//! minihost-grants 2 <HMAC-SHA256, base64url>
//! {"grants":[{"key":{"issuer":…
//! ```
//!
//! Version 1 had nothing but the list of grants; it is read and never written.
//!
//! The code covers the format's name and version as well, so that no line can be exchanged for
//! another version's.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use minihost_core::{Grant, Remembered};
use ring::hmac;

const HEAD: &str = "minihost-grants 2 ";
const FIRST_HEAD: &str = "minihost-grants 1 ";

/// Why a document is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// It is not in the form that this version writes.
    #[error("it is not in the form that this version writes")]
    Malformed,
    /// It was not written with this key, or was changed or cut since.
    #[error("it was changed, cut, or written with another key")]
    NotAuthentic,
    /// The key that could authenticate it is lost.
    #[error("the key that could authenticate it is lost")]
    KeyLost,
    /// It is larger than any that was written.
    #[error("it is larger than any that was written")]
    TooLarge,
}

/// Writes down what is remembered.
pub(crate) fn seal(key: &hmac::Key, remembered: &Remembered) -> Vec<u8> {
    let body = serde_json::to_vec(remembered).expect("grants are made of strings and times");
    sealed(key, HEAD, &body)
}

/// Reads what was written with this key.
pub(crate) fn open(key: &hmac::Key, document: &[u8]) -> Result<Remembered, Untrusted> {
    let malformed = |_| Untrusted::Malformed;
    if document.starts_with(FIRST_HEAD.as_bytes()) {
        let body = authentic(key, FIRST_HEAD, document)?;
        let grants: Vec<Grant> = serde_json::from_slice(body).map_err(malformed)?;
        return Ok(Remembered { grants, ..Remembered::default() });
    }
    serde_json::from_slice(authentic(key, HEAD, document)?).map_err(malformed)
}

/// Authenticates any body.
#[cfg(feature = "fuzzing")]
pub(crate) fn seal_body(key: &hmac::Key, body: &[u8]) -> Vec<u8> {
    sealed(key, HEAD, body)
}

fn sealed(key: &hmac::Key, head: &str, body: &[u8]) -> Vec<u8> {
    let code = URL_SAFE_NO_PAD.encode(hmac::sign(key, &covered(head, body)));
    let mut document = Vec::with_capacity(head.len() + code.len() + 1 + body.len());
    document.extend_from_slice(head.as_bytes());
    document.extend_from_slice(code.as_bytes());
    document.push(b'\n');
    document.extend_from_slice(body);
    document
}

/// The body of a document, once it is known to have been written with this key.
fn authentic<'a>(key: &hmac::Key, head: &str, document: &'a [u8]) -> Result<&'a [u8], Untrusted> {
    let rest = document.strip_prefix(head.as_bytes()).ok_or(Untrusted::Malformed)?;
    let end = rest.iter().position(|byte| *byte == b'\n').ok_or(Untrusted::Malformed)?;
    let (code, body) = (&rest[..end], &rest[end + 1..]);
    let code = URL_SAFE_NO_PAD.decode(code).map_err(|_| Untrusted::Malformed)?;
    hmac::verify(key, &covered(head, body), &code).map_err(|_| Untrusted::NotAuthentic)?;
    Ok(body)
}

fn covered(head: &str, body: &[u8]) -> Vec<u8> {
    [head.as_bytes(), body].concat()
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::Timestamp;
    use minihost_core::{
        Audience, ClientId, DecisionId, GrantId, GrantKey, GrantParty, Issuer, Locale,
        MiniProgramId, PublisherId, PublisherKey, Release, Scope, UserId, ViewDigest,
    };
    use proptest::{collection::vec, option, prelude::*};
    use semver::Version;

    use super::*;

    prop_compose! {
        fn party()(
            issuer in ".{1,12}", user in ".{1,12}", program in "[a-z]{1,8}", key in ".{1,8}",
            client in ".{1,8}", audience in option::of(".{1,8}"),
        ) -> GrantParty {
            GrantParty {
                issuer: Issuer::new(issuer),
                user: UserId::new(user),
                mini_program: MiniProgramId::new(program),
                publisher_key: PublisherKey::new(key),
                client_id: ClientId::new(client),
                audience: audience.map(Audience::new),
            }
        }
    }

    prop_compose! {
        pub(in crate::store) fn grant()(
            party in party(), scope in "[a-z]{1,8}", granted_at in 0i64..4_000_000_000,
            expires_at in option::of(0i64..4_000_000_000), decision in ".{1,8}",
            version in ".{0,8}", grant_id in option::of(".{1,8}"),
        ) -> Grant {
            let time = |second| Timestamp::from_second(second).unwrap();
            Grant {
                key: GrantKey { party, scope: Scope::new(scope) },
                granted_at: time(granted_at),
                expires_at: expires_at.map(time),
                decision: DecisionId::new(decision),
                locale: Locale::new("en"),
                digest: Some(ViewDigest::new("digest")),
                manifest_version: version,
                manifest_hash: "hash".to_owned(),
                grant_id: grant_id.map(GrantId::new),
                earlier_grant_ids: Vec::new(),
                ended: None,
            }
        }
    }

    prop_compose! {
        fn release()(
            publisher in ".{1,8}", program in "[a-z]{1,8}", numbers in any::<(u8, u8, u8)>(),
        ) -> Release {
            Release {
                publisher: PublisherId::new(publisher),
                mini_program: MiniProgramId::new(program),
                version: Version::new(numbers.0.into(), numbers.1.into(), numbers.2.into()),
            }
        }
    }

    prop_compose! {
        pub(in crate::store) fn remembered(count: usize)(
            grants in vec(grant(), 0..=count), releases in vec(release(), 0..3),
        ) -> Remembered {
            Remembered { grants, releases, refusals: Vec::new() }
        }
    }

    fn key(byte: u8) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32])
    }

    proptest! {
        #[test]
        fn what_was_sealed_is_what_is_opened(remembered in remembered(3)) {
            prop_assert_eq!(open(&key(1), &seal(&key(1), &remembered)), Ok(remembered));
        }

        #[test]
        fn what_the_first_version_wrote_is_still_read(grants in vec(grant(), 0..4)) {
            let body = serde_json::to_vec(&grants).unwrap();
            let opened = open(&key(1), &sealed(&key(1), FIRST_HEAD, &body)).unwrap();
            prop_assert_eq!(opened.grants, grants);
            let mut exchanged = sealed(&key(1), FIRST_HEAD, &body);
            exchanged[FIRST_HEAD.len() - 2] = b'2';
            prop_assert_eq!(open(&key(1), &exchanged), Err(Untrusted::NotAuthentic));
        }

        #[test]
        fn another_key_opens_nothing(remembered in remembered(3)) {
            let opened = open(&key(2), &seal(&key(1), &remembered));
            prop_assert_eq!(opened, Err(Untrusted::NotAuthentic));
        }

        #[test]
        fn anything_else_is_refused_without_a_panic(bytes in vec(any::<u8>(), 0..200)) {
            prop_assert!(open(&key(1), &bytes).is_err());
            prop_assert!(open(&key(1), &[HEAD.as_bytes(), &bytes].concat()).is_err());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn every_flipped_bit_and_every_cut_is_noticed(remembered in remembered(1)) {
            let whole = seal(&key(1), &remembered);
            for at in 0..whole.len() {
                for bit in 0..8 {
                    let mut flipped = whole.clone();
                    flipped[at] ^= 1 << bit;
                    prop_assert!(open(&key(1), &flipped).is_err(), "byte {} bit {}", at, bit);
                }
                prop_assert!(open(&key(1), &whole[..at]).is_err(), "cut at {}", at);
            }
            let longer = [&whole[..], b" "].concat();
            prop_assert!(open(&key(1), &longer).is_err());
        }
    }
}
