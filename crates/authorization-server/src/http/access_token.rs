//! Access tokens in the `Authorization` header, as bearer tokens (RFC 6750 §2.1) or bound to a key
//! (RFC 9449 §7.1). The form and query methods of RFC 6750 §2.2 and §2.3 are not offered: they put
//! tokens where they get logged.

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};

use super::Caller;
use super::caller::only;
use crate::dpop::{self, Dating, TokenHash};
use crate::jose::Thumbprint;
use crate::secret::{Access, Fingerprint};
use crate::server::Server;

const MAX_TOKEN: usize = 512;

/// What the header holds.
pub(crate) enum Presented {
    /// No access token: the caller did not know that it needs one.
    Absent,
    /// More than one `Authorization` header, or a token outside the grammar.
    Malformed,
    Token(PresentedToken),
}

/// How a token is presented.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scheme {
    Bearer,
    Dpop,
}

/// A token that was presented; only hashes of it go further.
#[derive(Clone)]
pub(crate) struct PresentedToken {
    pub(crate) scheme: Scheme,
    pub(crate) fingerprint: Fingerprint<Access>,
    hash: TokenHash,
}

/// Why the sender may not use the token that it presents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unproven {
    /// The token is bound to a key whose possession was not proven, or it is bound to none.
    Key,
    /// The proof itself is wrong.
    Proof(dpop::Refusal),
}

impl PresentedToken {
    /// Whether the sender has the key that the token is bound to, if it is. A bound token is good
    /// for nothing as a bearer token (RFC 9449 §7.2).
    pub(crate) fn check_key(
        &self,
        server: &Server,
        caller: &Caller,
        bound_to: Option<&Thumbprint>,
    ) -> Result<(), Unproven> {
        match (self.scheme, bound_to) {
            (Scheme::Bearer, None) => Ok(()),
            (Scheme::Bearer, Some(_)) | (Scheme::Dpop, None) => Err(Unproven::Key),
            (Scheme::Dpop, Some(key)) => {
                let proven =
                    dpop::proven_key(server, caller, Some(&self.hash), Dating::NonceOrClock)
                        .map_err(Unproven::Proof)?;
                match proven {
                    Some(proven) if proven == *key => Ok(()),
                    Some(_) => Err(Unproven::Key),
                    None => {
                        Err(Unproven::Proof(dpop::Refusal::Invalid("the DPoP proof is missing")))
                    }
                }
            }
        }
    }
}

/// Reads the header.
pub(crate) fn access_token(headers: &HeaderMap) -> Presented {
    match only(headers, &AUTHORIZATION) {
        Ok(None) => Presented::Absent,
        Ok(Some(header)) => read(header),
        Err(_) => Presented::Malformed,
    }
}

fn read(header: &HeaderValue) -> Presented {
    let bytes = header.as_bytes();
    let after = |scheme: &[u8]| {
        let (name, rest) = bytes.split_at_checked(scheme.len())?;
        name.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    let (scheme, rest) = if let Some(rest) = after(b"bearer ") {
        (Scheme::Bearer, rest)
    } else if let Some(rest) = after(b"dpop ") {
        (Scheme::Dpop, rest)
    } else {
        return Presented::Absent;
    };
    match std::str::from_utf8(rest.trim_ascii()) {
        Ok(token) if is_token68(token) => {
            let (fingerprint, hash) = (Fingerprint::of(token), TokenHash::of(token));
            Presented::Token(PresentedToken { scheme, fingerprint, hash })
        }
        _ => Presented::Malformed,
    }
}

/// The `b64token` of RFC 6750 §2.1, which is the `token68` of RFC 9449 §7.1.
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

    fn scheme(value: &'static str) -> Option<Scheme> {
        match access_token(&headers(&[value])) {
            Presented::Token(token) => Some(token.scheme),
            _ => None,
        }
    }

    #[test]
    fn one_well_formed_header_is_a_token_of_its_scheme() {
        assert_eq!(scheme("Bearer abc-._~+/="), Some(Scheme::Bearer));
        assert_eq!(scheme("bearer abc"), Some(Scheme::Bearer));
        assert_eq!(scheme("DPoP abc"), Some(Scheme::Dpop));
        assert_eq!(scheme("dpop abc"), Some(Scheme::Dpop));
        for absent in [&[][..], &["Basic abc"], &["Bearer"], &["DPoP"], &["DPoPx abc"]] {
            assert!(matches!(access_token(&headers(absent)), Presented::Absent));
        }
        for malformed in [
            &["Bearer a", "Bearer b"][..],
            &["Bearer a", "DPoP a"],
            &["Bearer a b"],
            &["Bearer "],
            &["DPoP "],
            &["Bearer \""],
        ] {
            assert!(matches!(access_token(&headers(malformed)), Presented::Malformed));
        }
    }
}
