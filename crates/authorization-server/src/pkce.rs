//! Proof Key for Code Exchange (RFC 7636), method S256 only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

const VERIFIER_LENGTH: std::ops::RangeInclusive<usize> = 43..=128;

/// An S256 code challenge: the SHA-256 of the verifier.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct CodeChallenge([u8; 32]);

impl CodeChallenge {
    /// Reads 43 base64url characters (RFC 7636 §4.2).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Whether the challenge was made from this verifier (RFC 7636 §4.6).
    pub(crate) fn accepts(&self, verifier: &CodeVerifier<'_>) -> bool {
        let computed: [u8; 32] = Sha256::digest(verifier.0.as_bytes()).into();
        self.0.ct_eq(&computed).into()
    }
}

impl ToSql for CodeChallenge {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_slice().into())
    }
}

impl FromSql for CodeChallenge {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        <[u8; 32]>::column_result(value).map(Self)
    }
}

/// A well-formed code verifier. Has no `Debug`.
pub(crate) struct CodeVerifier<'a>(&'a str);

impl<'a> CodeVerifier<'a> {
    /// Reads 43 to 128 unreserved characters (RFC 7636 §4.1).
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let unreserved =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        (VERIFIER_LENGTH.contains(&text.len()) && text.bytes().all(unreserved))
            .then_some(Self(text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_rfc_7636_appendix_b_holds() {
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        assert!(challenge.accepts(&CodeVerifier::parse(VERIFIER).unwrap()));
    }

    #[test]
    fn verifiers_and_challenges_outside_their_form_are_refused() {
        for (length, good) in [(42, false), (43, true), (128, true), (129, false)] {
            assert_eq!(CodeVerifier::parse(&"a".repeat(length)).is_some(), good, "{length}");
        }
        for byte in ["+", "/", "=", " ", "é"] {
            assert!(CodeVerifier::parse(&format!("{byte}{}", "a".repeat(43))).is_none());
        }
        for bad in [
            &CHALLENGE[1..],
            &format!("{CHALLENGE}A"),
            &format!("{CHALLENGE}="),
            &CHALLENGE.replace('-', "+"),
            "",
        ] {
            assert_eq!(CodeChallenge::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_challenge_accepts_exactly_its_own_verifier(
            a in "[A-Za-z0-9._~-]{43,128}",
            b in "[A-Za-z0-9._~-]{43,128}",
        ) {
            let challenge = CodeChallenge(Sha256::digest(a.as_bytes()).into());
            prop_assert!(challenge.accepts(&CodeVerifier::parse(&a).unwrap()));
            prop_assert_eq!(challenge.accepts(&CodeVerifier::parse(&b).unwrap()), a == b);
        }
    }
}
