//! Handing out the nonces for the next requests (RFC 9449 §8.2,
//! draft-ietf-oauth-attestation-based-client-auth-11 §6.2).

use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;

use super::Purpose;
use crate::dpop;
use crate::server::Server;

const DPOP_NONCE: &str = "dpop-nonce";

/// Adds the nonce to use next to every answer, good or bad, to a request with a proof.
pub(crate) async fn offer(State(server): State<Server>, request: Request, next: Next) -> Response {
    let with_proof = request.headers().contains_key(dpop::HEADER);
    let mut response = next.run(request).await;
    if with_proof {
        let nonce = server.freshness.nonce(Purpose::Dpop, server.clock.now());
        let nonce = HeaderValue::try_from(nonce).expect("base64url fits into a header");
        response.headers_mut().insert(DPOP_NONCE, nonce);
    }
    response
}
