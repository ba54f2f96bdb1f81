//! Challenges for attested clients (draft-ietf-oauth-attestation-based-client-auth-11 §6.3).

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::Purpose;
use super::offer::{DPOP_NONCE, nonce};
use crate::http::unstored;
use crate::server::Server;

/// Where clients get a challenge before their first request.
pub(crate) const PATH: &str = "/attestation_challenge";

/// Gives a challenge, and a nonce for proofs of possession beside it.
pub(crate) async fn answer(State(server): State<Server>) -> Response {
    let challenge = server.freshness.nonce(Purpose::Attestation, server.clock.now());
    let body = unstored(json!({ "attestation_challenge": challenge }));
    ([(DPOP_NONCE, nonce(&server, Purpose::Dpop))], body).into_response()
}
