//! What a proof must say (RFC 9449 §4.2), and whether it does (§4.3).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::Refusal;
use crate::clock::UnixMillis;
use crate::freshness::{Freshness, Purpose};
use crate::jose::{Algorithm, Claims, Jws, Thumbprint};

const KIND: &str = "dpop+jwt";
const MAX_JTI: usize = 256;

/// The request that a proof must be for.
pub(super) struct Expected<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    pub(super) token: Option<&'a TokenHash>,
    pub(super) dating: Dating,
}

/// What may say when a proof was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dating {
    /// A nonce of this server, or without one the clock of the client.
    NonceOrClock,
    /// A nonce of this server alone.
    Nonce,
}

/// The SHA-256 of an access token in base64url, as it is in `ath`.
#[derive(Clone)]
pub(crate) struct TokenHash(String);

impl TokenHash {
    pub(crate) fn of(token: &str) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(token)))
    }

    /// Compares in constant time.
    fn is(&self, hash: &str) -> bool {
        self.0.as_bytes().ct_eq(hash.as_bytes()).into()
    }
}

/// A proof that is right, but may have been used before.
#[derive(Debug)]
pub(super) struct Proof {
    pub(super) key: Thumbprint,
    pub(super) id: String,
}

/// Checks everything but whether the proof was used before.
pub(super) fn check(
    proof: &str,
    expected: &Expected<'_>,
    freshness: &Freshness,
    now: UnixMillis,
) -> Result<Proof, Refusal> {
    let malformed = Refusal::Invalid("the DPoP proof is malformed");
    let jws = Jws::parse(proof).ok_or(malformed)?;
    if !jws.kind().is_some_and(|kind| kind.eq_ignore_ascii_case(KIND)) {
        return Err(Refusal::Invalid("the type of the DPoP proof must be dpop+jwt"));
    }
    if !Algorithm::FOR_CLIENTS.contains(&jws.algorithm()) {
        return Err(Refusal::Invalid("the algorithm of the DPoP proof is not supported"));
    }
    let key = jws.key().ok_or(malformed)?;
    let claims =
        jws.verify(key).ok_or(Refusal::Invalid("the signature of the DPoP proof is wrong"))?;
    if claims.text("htm") != Some(expected.method) {
        return Err(Refusal::Invalid("the DPoP proof is for another method"));
    }
    if !claims.text("htu").is_some_and(|target| is_same_target(target, expected.url)) {
        return Err(Refusal::Invalid("the DPoP proof is for another URI"));
    }
    if let Some(token) = expected.token
        && !claims.text("ath").is_some_and(|hash| token.is(hash))
    {
        return Err(Refusal::Invalid("the DPoP proof is for another access token"));
    }
    let id = claims.text("jti").filter(|id| (1..=MAX_JTI).contains(&id.len())).ok_or(malformed)?;
    let made_at = claims.time("iat").ok_or(malformed)?;
    if !is_fresh(&claims, made_at, expected.dating, freshness, now) {
        return Err(Refusal::NonceNeeded);
    }
    Ok(Proof { key: key.thumbprint(), id: id.to_owned() })
}

/// A nonce says by itself when the proof was made; the client's clock may be wrong.
fn is_fresh(
    claims: &Claims,
    made_at: UnixMillis,
    dating: Dating,
    freshness: &Freshness,
    now: UnixMillis,
) -> bool {
    match claims.get("nonce") {
        Some(nonce) => nonce
            .as_str()
            .is_some_and(|nonce| freshness.is_current_nonce(Purpose::Dpop, nonce, now)),
        None => dating == Dating::NonceOrClock && freshness.is_recent(made_at, now),
    }
}

/// Compares without query and fragment, after the normalisation of RFC 3986 §6.2.2 and §6.2.3.
fn is_same_target(target: &str, expected: &str) -> bool {
    let (Some(target), Some(expected)) = (Target::read(target), Target::read(expected)) else {
        return false;
    };
    target == expected
}

#[derive(PartialEq, Eq)]
struct Target {
    origin: url::Origin,
    path: String,
}

impl Target {
    fn read(uri: &str) -> Option<Self> {
        let url = Url::parse(uri).ok()?;
        let is_web = matches!(url.scheme(), "https" | "http");
        let has_user = !url.username().is_empty() || url.password().is_some();
        (is_web && !has_user)
            .then(|| Self { origin: url.origin(), path: unescaped(url.path()).into_owned() })
    }
}

/// Decodes what need not be encoded, and writes the rest in capitals (RFC 3986 §6.2.2.1, §6.2.2.2).
fn unescaped(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return path.into();
    }
    let mut parts = path.split('%');
    let mut normal = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                normal.push(char::from(byte));
                normal.push_str(&part[2..]);
            }
            Some(byte) => {
                normal.push_str(&format!("%{byte:02X}"));
                normal.push_str(&part[2..]);
            }
            None => {
                normal.push('%');
                normal.push_str(part);
            }
        }
    }
    normal.into()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    /// RFC 9449 figure 1, sent in figure 4.
    const AT_TOKEN_ENDPOINT: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik\
        VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR\
        nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE\
        QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIj\
        oiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia\
        WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg\
        4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    /// RFC 9449 figure 12.
    const AT_RESOURCE: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik\
        VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR\
        nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE\
        QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIj\
        oiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0Z\
        WRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNF\
        c05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71E\
        OptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    /// RFC 9449 figure 10.
    const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

    fn at(second: i64) -> UnixMillis {
        Timestamp::from_second(second).unwrap().into()
    }

    #[test]
    fn t10_the_proofs_of_the_rfc_are_good_for_what_they_are_for_and_nothing_else() {
        let freshness = Freshness::new(at(0)).unwrap();
        let token = TokenHash::of(TOKEN);
        let dating = Dating::NonceOrClock;
        let at_token_endpoint = Expected {
            method: "POST",
            url: "https://server.example.com/token",
            token: None,
            dating,
        };
        let at_resource = Expected {
            method: "GET",
            url: "https://resource.example.org/protectedresource",
            token: Some(&token),
            dating,
        };
        for (proof, expected, other, second) in [
            (AT_TOKEN_ENDPOINT, &at_token_endpoint, &at_resource, 1_562_262_616),
            (AT_RESOURCE, &at_resource, &at_token_endpoint, 1_562_262_618),
        ] {
            let checked = |expected, second| check(proof, expected, &freshness, at(second));
            assert_eq!(checked(expected, second).unwrap().key.to_string(), THUMBPRINT);
            assert!(matches!(checked(other, second), Err(Refusal::Invalid(_))));
            assert_eq!(checked(expected, second + 60).unwrap_err(), Refusal::NonceNeeded);
            assert_eq!(checked(expected, second - 11).unwrap_err(), Refusal::NonceNeeded);
        }
        let stolen = TokenHash::of("another token");
        let for_another = Expected { token: Some(&stolen), ..at_resource };
        let refused = check(AT_RESOURCE, &for_another, &freshness, at(1_562_262_618));
        assert!(matches!(refused, Err(Refusal::Invalid(_))));
    }

    #[test]
    fn t10_uris_are_compared_after_normalisation_and_without_query_and_fragment() {
        const EXPECTED: &str = "https://a.example/token";
        for same in [
            "https://a.example/token",
            "https://a.example/token?a=b",
            "https://a.example/token#f",
            "HTTPS://A.EXAMPLE/token",
            "https://a.example:443/token",
            "https://a.example/x/../token",
            "https://a.example/./token",
            "https://a.example/%74oken",
        ] {
            assert!(is_same_target(same, EXPECTED), "{same}");
        }
        for other in [
            "http://a.example/token",
            "https://a.example:8443/token",
            "https://a.example/token/",
            "https://a.example/Token",
            "https://a.example",
            "https://b.example/token",
            "https://a.example.evil.example/token",
            "https://user@a.example/token",
            "//a.example/token",
            "/token",
            "token",
            "",
            "https://a.example/token%2F",
        ] {
            assert!(!is_same_target(other, EXPECTED), "{other}");
        }
        assert!(is_same_target("https://a.example/%7eu%2fv", "https://a.example/~u%2Fv"));
        assert!(is_same_target("https://a.example/%zz%", "https://a.example/%zz%"));
        assert!(!is_same_target("https://a.example/u%2Fv", "https://a.example/u/v"));
    }
}
