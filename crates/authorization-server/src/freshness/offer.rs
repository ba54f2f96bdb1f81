//! Handing out the nonces for the next requests (RFC 9449 §8.2,
//! draft-ietf-oauth-attestation-based-client-auth-11 §6.2).

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use super::Purpose;
use crate::dpop;
use crate::http::ATTESTATION_HEADER;
use crate::server::Server;

pub(super) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
const CHALLENGE: HeaderName = HeaderName::from_static("oauth-client-attestation-challenge");

/// Adds what to use next to every answer, good or bad, to a request with a proof.
pub(crate) async fn offer(State(server): State<Server>, request: Request, next: Next) -> Response {
    let with_proof = request.headers().contains_key(dpop::HEADER);
    let attested = request.headers().contains_key(ATTESTATION_HEADER);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if with_proof {
        headers.insert(DPOP_NONCE, nonce(&server, Purpose::Dpop));
    }
    if attested {
        headers.insert(CHALLENGE, nonce(&server, Purpose::Attestation));
    }
    response
}

/// The nonce to use next.
pub(super) fn nonce(server: &Server, purpose: Purpose) -> HeaderValue {
    let nonce = server.freshness.nonce(purpose, server.clock.now());
    HeaderValue::try_from(nonce).expect("base64url fits into a header")
}
