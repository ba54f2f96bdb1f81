//! Proof of possession (RFC 9449): a client signs each request with a key of its own, and its tokens
//! are good only together with that key.
//!
//! A proof without a nonce is dated by the client's own clock. Where that date will not do, the
//! client is given a nonce (§8), which heals a wrong clock; and as every answer to a proof brings the
//! nonce for the next one, most clients send one from their second request on.

mod proof;

use axum::http::HeaderName;

use crate::freshness::{Full, Use};
use crate::http::{Caller, ErrorCode, Problem};
use crate::jose::Thumbprint;
use crate::server::Server;

pub(crate) use proof::{Dating, TokenHash};

use proof::Expected;

/// Where the proof is (RFC 9449 §4.1).
pub(crate) const HEADER: HeaderName = HeaderName::from_static("dpop");

/// Why a proof is not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    /// RFC 9449 §5 and §7.1, `invalid_dpop_proof`.
    Invalid(&'static str),
    /// RFC 9449 §8 and §9, `use_dpop_nonce`.
    NonceNeeded,
    /// Too many proofs came lately to tell them all apart.
    Overloaded,
}

impl Refusal {
    /// As descriptions of errors say it.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Invalid(description) => description,
            Self::NonceNeeded => "the DPoP proof must have the nonce of the DPoP-Nonce header",
            Self::Overloaded => "too many DPoP proofs came lately",
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(description) => Self::new(ErrorCode::InvalidDpopProof, description),
            Refusal::NonceNeeded => Self::new(ErrorCode::UseDpopNonce, refusal.description()),
            Refusal::Overloaded => Self::unavailable(),
        }
    }
}

/// The key that the sender of the request proves to have; `None` where there is no proof. Each proof
/// is good once, so a request may be asked once.
///
/// `token` is the access token that is presented with the proof, where one is.
pub(crate) fn proven_key(
    server: &Server,
    caller: &Caller,
    token: Option<&TokenHash>,
    dating: Dating,
) -> Result<Option<Thumbprint>, Refusal> {
    let header = caller
        .header(&HEADER)
        .map_err(|_| Refusal::Invalid("more than one DPoP header is there"))?;
    let Some(header) = header else {
        return Ok(None);
    };
    let text = header.to_str().map_err(|_| Refusal::Invalid("the DPoP proof is malformed"))?;
    let expected = Expected {
        method: caller.method.as_str(),
        url: &server.issuer.endpoint(&caller.path),
        token,
        dating,
    };
    let now = server.clock.now();
    let proof = proof::check(text, &expected, &server.freshness, now)?;
    match server.freshness.record(&proof.key.to_string(), &proof.id, now) {
        Ok(Use::First) => Ok(Some(proof.key)),
        Ok(Use::Again) => Err(Refusal::Invalid("the DPoP proof was used before")),
        Err(Full) => Err(Refusal::Overloaded),
    }
}

/// The key to which a code shall be bound: that of `dpop_jkt` (RFC 9449 §10), or where the request
/// was pushed with a proof, that of the proof (§10.1).
pub(crate) fn code_key(
    dpop_jkt: Option<&str>,
    proven: Option<&Thumbprint>,
) -> Result<Option<Thumbprint>, Problem> {
    let named = dpop_jkt
        .map(|text| {
            Thumbprint::parse(text)
                .ok_or_else(|| Problem::invalid_request("dpop_jkt must be a base64url SHA-256"))
        })
        .transpose()?;
    match (named, proven) {
        (Some(named), Some(proven)) if named != *proven => Err(Problem::new(
            ErrorCode::InvalidDpopProof,
            "dpop_jkt names another key than the DPoP proof",
        )),
        (named, proven) => Ok(named.or_else(|| proven.cloned())),
    }
}
